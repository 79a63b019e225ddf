package res

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

// DataApplication is the application whose keys read tables under /data.
const DataApplication = "data"

type application struct {
	models.Model
	Key         models.Char
	User        models.Many2One
	Application models.Selection
	State       models.Selection
}

// Application is res.user.application: a key with which a program of a user
// works without his password. Modules add the names of the programs.
var Application = models.Define(&application{
	Model:       models.Model{Name: "res.user.application", String: "User Application", RecName: "key"},
	Key:         models.NewChar(models.Field{String: "Key", Required: true, Index: true}),
	User:        models.NewMany2One(models.Field{String: "User", Relation: "res.user", Index: true}),
	Application: models.NewSelection(models.Field{String: "Application", Selection: [][2]any{{DataApplication, "Data by URL"}}}),
	State: models.NewSelection(models.Field{String: "State", Readonly: true, Selection: [][2]any{
		{"requested", "Requested"}, {"validated", "Validated"}, {"cancelled", "Cancelled"}}}),
})

func (m *application) Setup(c *models.Class) {
	c.Default(m.Key, func(*models.Tx) any { return randomHex(64) })
	c.DefaultValue(m.State, "requested")
	c.Lookup("default_get").Cache = 0 // a key is new each time
	c.Transition("requested", "validated")
	c.Transition("requested", "cancelled")
	c.Transition("validated", "cancelled")
	c.Button(models.Button{Name: "validate_", Depends: []string{"state"},
		States: map[string]any{"invisible": pyson.NotEqual(pyson.Eval("state", ""), "requested")}}, m.to("validated"))
	c.Button(models.Button{Name: "cancel", Depends: []string{"state"},
		States: map[string]any{"invisible": pyson.Equal(pyson.Eval("state", ""), "cancelled")}}, m.to("cancelled"))
}

func (m *application) to(state string) func(*models.Tx, []*models.Record) (any, error) {
	return func(tx *models.Tx, records []*models.Record) (any, error) {
		_, err := m.In(tx).Move(tx, records, state)
		return nil, err
	}
}

// ApplicationUser is the user whose validated key it is for the application; 0 if it is nobody's, or that of a user who may no longer log in.
func ApplicationUser(tx *models.Tx, key, application string) int64 {
	m := Application
	found := m.Search(tx.Unchecked(), domain.AllOf(m.Key.Eq(key), m.Application.Eq(application), m.State.Eq("validated"),
		domain.C("user.active", domain.Equal, true)), models.Limit(1))
	if len(found) == 0 {
		return 0
	}
	return m.User.ID(found[0])
}

// RequestApplication asks in the name of a login for a key of an application,
// which the user himself then validates in his preferences, and returns it. For
// an unknown login, and while another request of the user waits, the key is
// worth nothing, which its receiver cannot tell. The answer takes a random part
// of a second. An unknown application is an error of kind BadRequest.
func (a *Authentication) RequestApplication(ctx context.Context, db *models.Database, login, application string) (key string, err error) {
	a.Sleep(ctx, time.Duration(mathrand.Int64N(int64(time.Second))))
	m := Application
	err = db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		key = randomHex(64)
		if !known(m.Application.Selection, application) {
			return models.BadRequest("There is no application %q.", application)
		}
		users := User.Search(tx, domain.AllOf(User.Login.Eq(login), domain.C("id", domain.Greater, 0)))
		if len(users) == 0 || m.Count(tx, domain.AllOf(m.User.Eq(users[0].ID()), m.State.Eq("requested"))) > 0 {
			return nil
		}
		_, err := m.Create(tx, m.Key.To(key), m.User.To(users[0]), m.Application.To(application))
		return err
	})
	return key, err
}

// CancelApplication takes a key back for who knows it. Guesses count as failed
// logins: their answers are late, and after too many the error is of kind TooMany.
func (a *Authentication) CancelApplication(ctx context.Context, db *models.Database, c Credentials, key, application string) error {
	try := attempt{login: c.Login, address: c.Address, network: a.network(c.Address)}
	var failures, fromNetwork int64
	found := false
	err := db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		failures, fromNetwork = LoginAttempt.count(tx, try, a.Timeout)
		if failures > a.MaxAttempts || fromNetwork > a.MaxNetworkAttempts {
			return nil
		}
		m := Application
		keys := m.Search(tx, domain.AllOf(m.Key.Eq(key), m.Application.Eq(application), domain.C("user.login", domain.Equal, c.Login)))
		if found = len(keys) > 0; !found {
			return nil
		}
		if err := m.Delete(tx, keys); err != nil {
			return err
		}
		return LoginAttempt.remove(tx, try)
	})
	if err == nil && failures > 0 {
		a.Sleep(ctx, (1<<min(failures, 10)-1)*time.Second)
	}
	switch {
	case err != nil || found:
		return err
	case failures > a.MaxAttempts || fromNetwork > a.MaxNetworkAttempts:
		return a.failed(ctx, db, try, tooMany())
	}
	return a.failed(ctx, db, try, nil)
}

func known(selection [][2]any, v string) bool {
	return slices.ContainsFunc(selection, func(item [2]any) bool { return item[0] == v })
}

// randomHex are n random bytes as text.
func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func resetStates() map[string]any {
	return map[string]any{"invisible": pyson.Not(pyson.Eval("email", true))}
}
