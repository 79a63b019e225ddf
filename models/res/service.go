package res

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
)

// The services by which users log in.
const (
	// PasswordService asks for the user's password.
	PasswordService = "password"
	// EmailService sends the user a code, for which it then asks. Who has no
	// e-mail address cannot log in by it.
	EmailService = "email"
)

const (
	// codeTime is how long a code is good for.
	codeTime = 5 * time.Minute
	// codePause is how long after a code no other is sent. Each code of the last
	// hour that nobody has used doubles it, until codeTime: who has others mailed
	// gets tired, and who waits for one always has a good one.
	codePause = 30 * time.Second
	codeKept  = time.Hour
)

// ParseServices reads trytond's "password+email,password": ways to log in, and
// for each the services that must agree. An unknown service is an error.
func ParseServices(text string) ([][]string, error) {
	var ways [][]string
	for _, way := range strings.Split(text, ",") {
		var services []string
		for _, name := range strings.Split(way, "+") {
			name = strings.TrimSpace(name)
			if name != PasswordService && name != EmailService {
				return nil, fmt.Errorf("there is no service %q to log in by", name)
			}
			services = append(services, name)
		}
		ways = append(ways, services)
	}
	return ways, nil
}

type loginCode struct {
	models.Model
	User models.Many2One
	Code models.Char
}

// LoginCode is res.user.login.code, which is ours: a code that was sent to a user.
var LoginCode = models.Define(&loginCode{
	Model: models.Model{Name: "res.user.login.code", Internal: true, String: "Login Code"},
	User:  cascade("User", "res.user"),
	Code:  models.NewChar(models.Field{String: "Code", Required: true, Secret: true}),
})

// ask has the services decide, way by way, and reports whether all of one
// agree. An error of kind Login asks for a parameter. Of a password whose
// stored form is outdated rehash is the new one.
func (a *Authentication) ask(ctx context.Context, db *models.Database, c Credentials, known stored) (valid bool, rehash string, err error) {
	for _, services := range a.Services {
		for i, service := range services {
			if service == EmailService {
				valid, err = a.checkCode(ctx, db, c, known, slices.Contains(services[:i], PasswordService))
			} else {
				valid, rehash, err = a.checkPassword(ctx, db, c, known)
			}
			if err != nil || !valid {
				break
			}
		}
		if err != nil || valid {
			return valid, rehash, err
		}
	}
	return false, "", nil
}

// checkPassword compares the password, or asks for it. For an unknown user it
// takes the same time.
func (a *Authentication) checkPassword(ctx context.Context, db *models.Database, c Credentials, known stored) (valid bool, rehash string, err error) {
	if c.Parameters["password"] == nil {
		return false, "", wanted(ctx, db, c, "password", "Password for %s", "password")
	}
	password, _ := c.Parameters["password"].(string)
	switch {
	case known.hash != "":
		valid, outdated, err := VerifyPassword(password, known.hash)
		if valid && outdated {
			rehash, err = HashPassword(password)
		}
		if err != nil {
			db.Log.Error("a password cannot be checked", "user", known.id, "error", err)
		}
		return valid, rehash, nil
	case known.reset != "":
		return subtle.ConstantTimeCompare([]byte(known.reset), []byte(password)) == 1, "", nil
	}
	if _, _, err = VerifyPassword(password, a.dummy); err != nil {
		db.Log.Error("a password cannot be checked", "error", err)
	}
	return false, "", nil
}

// wanted asks for one more parameter, in the language that the client names.
func wanted(ctx context.Context, db *models.Database, c Credentials, parameter, question, kind string) error {
	e := &models.Error{Kind: models.KindLogin, Name: parameter, Message: fmt.Sprintf(question, c.Login), Description: kind}
	request := models.Request{ReadOnly: true, Context: map[string]any{"language": c.Language}}
	_ = db.Transact(ctx, request, func(tx *models.Tx) error { // else it is asked in English
		e.Message = signIn.Say(tx, question, c.Login)
		return nil
	})
	return e
}

// checkCode compares the code, or sends one and asks for it. Whether the login
// is known cannot be told from that. By then a password may have been shown.
func (a *Authentication) checkCode(ctx context.Context, db *models.Database, c Credentials, known stored, password bool) (valid bool, err error) {
	code, given := c.Parameters["email_code"].(string)
	if known.id == 0 {
		if given {
			return false, nil
		}
		return false, wantCode(ctx, db, c)
	}
	err = db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		if !given {
			return LoginCode.send(tx, User.Get(tx, known.id), password)
		}
		valid, err = LoginCode.use(tx, known.id, strings.TrimSpace(code))
		return err
	})
	if err == nil && !given {
		err = wantCode(ctx, db, c)
	}
	return valid, err
}

func wantCode(ctx context.Context, db *models.Database, c Credentials) error {
	return wanted(ctx, db, c, "email_code", "Code that was sent by e-mail to %s", "char")
}

// pause is how long after the last code another is sent.
func (m *loginCode) pause(tx *models.Tx, user int64) time.Duration {
	unused := m.Count(tx, m.since(tx, user, codeKept))
	return min(codeTime, codePause<<min(max(unused-1, 0), 8))
}

// send makes a code and mails it, unless one was just sent.
func (m *loginCode) send(tx *models.Tx, user *models.Record, password bool) error {
	to := User.Email.Of(user)
	if to == "" || m.Count(tx, m.since(tx, user.ID(), m.pause(tx, user.ID()))) > 0 {
		return nil
	}
	if err := m.Delete(tx, m.Search(tx, domain.C("create_date", domain.Less, tx.Now().Add(-codeKept)))); err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code := fmt.Sprintf("%06d", n)
	if _, err := m.Create(tx, m.User.To(user), m.Code.To(code)); err != nil {
		return err
	}
	mail := codeMail(tx, user, code, password)
	mail.To = []string{to}
	return ir.Queue(tx, mail, "")
}

// codeMail tells a user his code in his language, and what it means if he did not ask for it.
func codeMail(tx *models.Tx, user *models.Record, code string, password bool) ir.Mail {
	tx = inLanguage(tx, user)
	warning := signIn.Say(tx, "If you are not logging in to %s, somebody else is trying to.", tx.Database().Name())
	if password {
		warning = signIn.Say(tx, "If you are not logging in to %s, somebody else is trying to, and knows your password.", tx.Database().Name())
	}
	return ir.Mail{Subject: signIn.Say(tx, "Code to log in"), About: user.Ref(),
		Text: signIn.Say(tx, "Code: %s", code) + "\n\n" + signIn.Say(tx, "It is good for 5 minutes.") + " " + warning + "\n"}
}

// use takes a code that was sent to the user; it is good once.
func (m *loginCode) use(tx *models.Tx, user int64, code string) (bool, error) {
	valid := false
	sent := m.Search(tx, m.since(tx, user, codeTime))
	for _, r := range sent {
		if subtle.ConstantTimeCompare([]byte(m.Code.Of(r)), []byte(code)) == 1 {
			valid = true
		}
	}
	if !valid {
		return false, nil
	}
	return true, m.Delete(tx, m.Search(tx, m.User.Eq(user)))
}

func (m *loginCode) since(tx *models.Tx, user int64, age time.Duration) domain.Node {
	return domain.AllOf(m.User.Eq(user), domain.C("create_date", domain.Greater, tx.Now().Add(-age)))
}
