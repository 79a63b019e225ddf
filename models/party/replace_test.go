package party_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/res"
)

// execute calls a step of a wizard as the administrator.
func execute(db *models.Database, wizard, method string, context map[string]any, args ...any) (result any, err error) {
	return executeAs(db, 1, wizard, method, context, args...)
}

func executeAs(db *models.Database, user int64, wizard, method string, context map[string]any, args ...any) (result any, err error) {
	m, err := db.Registry.Method("wizard", wizard, method)
	if err != nil {
		return nil, err
	}
	err = modelstest.Try(db, models.Request{User: user, Context: context, Check: true}, func(tx *models.Tx) error {
		result, err = m.Do(tx, models.NewArgs(args...))
		return err
	})
	return result, err
}

func TestReplace(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		var from, to int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			from = add(tx, "Bob Stone", party.Party.Identifiers.To(commands(map[string]any{"code": "x"})),
				party.Party.ContactMechanisms.To(commands(map[string]any{"type": "phone", "value": "1"}))).ID()
			to = add(tx, "Robert Stone").ID()
		})
		created, err := execute(db, "party.replace", "create", nil)
		if err != nil {
			t.Fatal(err)
		}
		session := created.([]any)[0]
		context := map[string]any{"active_model": "party.party", "active_id": from, "active_ids": []any{from}}
		shown, err := execute(db, "party.replace", "execute", context, session, map[string]any{}, "ask")
		if err != nil {
			t.Fatal(err)
		}
		view := shown.(map[string]any)["view"].(map[string]any)
		if got := view["defaults"].(map[string]any)["source"]; got != from {
			t.Errorf("the source is %v, want %d", got, from)
		}
		answer := map[string]any{"ask": map[string]any{"id": int64(-1), "source": from, "destination": to}}
		_, err = execute(db, "party.replace", "execute", context, session, answer, "replace")
		var warning *models.Error
		if !errors.As(err, &warning) || warning.Kind != models.KindWarning || !strings.HasPrefix(warning.Name, "party.replace name ") {
			t.Fatalf("parties of different names: got %v", err)
		}
		if _, err := modelstest.Call(db, 1, nil, "res.user.warning", "create",
			[]any{map[string]any{"user": int64(1), "name": warning.Name, "always": false}}); err != nil {
			t.Fatal(err)
		}
		if _, err := execute(db, "party.replace", "execute", context, session, answer, "replace"); err != nil {
			t.Fatal(err)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			all := tx.With(map[string]any{"active_test": false})
			old := party.Party.Get(all, from)
			if party.Party.Active.Of(old) || party.Party.ReplacedBy.ID(old) != to {
				t.Error("the old party must be deactivated and point to the new one")
			}
			for _, m := range []*models.Model{&party.Address.Model, &party.ContactMechanism.Model, &party.Identifier.Model} {
				if got := m.Count(all, domain.C("party", domain.Equal, from)); got != 0 {
					t.Errorf("%d records of %s stay with the old party", got, m.Name)
				}
			}
			if got := len(party.Party.Identifiers.Of(party.Party.Get(all, to))); got != 1 {
				t.Errorf("the new party has %d identifiers", got)
			}
		})
		var outsider int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			r, err := res.User.Create(tx, res.User.Name.To("Outsider"), res.User.Login.To("outsider"))
			models.Must(err)
			outsider = r.ID()
		})
		if _, err := executeAs(db, outsider, "party.replace", "create", nil); !models.IsKind(err, models.KindUser) {
			t.Errorf("a user without the group replaces parties: got %v", err)
		}
		answer["ask"].(map[string]any)["destination"] = from
		if _, err := execute(db, "party.replace", "execute", context, session, answer, "replace"); !models.IsKind(err, models.KindUser) {
			t.Errorf("a party by itself: got %v", err)
		}
	})
}

func TestLabels(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		var ids []any
		modelstest.Do(t, db, func(tx *models.Tx) {
			for _, name := range []string{"Bob <b>&", "Alice/Martin"} {
				ids = append(ids, add(tx, name, party.Party.Addresses.To(commands(map[string]any{"city": "Liège"}))).ID())
			}
		})
		m, err := db.Registry.Method("report", "party.label", "execute")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, slices.Repeat(ids[1:], 3000)...) // each is printed once
		err = modelstest.Try(db, models.Request{User: 1, ReadOnly: true, Check: true}, func(tx *models.Tx) error {
			many := make([]any, 2001)
			for i := range many {
				many[i] = int64(i + 1)
			}
			_, err := m.Do(tx, models.NewArgs(many, map[string]any{"model": "party.party"}))
			return err
		})
		if !models.IsKind(err, models.KindBadRequest) {
			t.Errorf("2001 at a time: %v", err)
		}
		var result []any
		err = modelstest.Try(db, models.Request{User: 1, ReadOnly: true, Check: true}, func(tx *models.Tx) error {
			got, err := m.Do(tx, models.NewArgs(ids, map[string]any{"model": "party.party", "id": ids[0], "ids": ids}))
			result, _ = got.([]any)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if result[0] != "odt" || result[3] != "Labels-Bob <b>&-Alice_Martin" {
			t.Errorf("got %v, %v", result[0], result[3])
		}
		text := contentOf(t, result[1].([]byte))
		for _, want := range []string{"Bob &lt;b&gt;&amp;", "Alice/Martin", "Liège"} {
			if !strings.Contains(text, want) {
				t.Errorf("the labels lack %q", want)
			}
		}
	})
}

func contentOf(t *testing.T, file []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("content.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
