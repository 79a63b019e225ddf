package payment_test

import (
	"bytes"
	"context"
	"regexp"
	"testing"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
)

// The e-mail window takes a receipt along, in the form of the action that the user ticks.
func TestReceiptByMail(t *testing.T) {
	withMail := func() []*models.Module {
		return append([]*models.Module{ir.ModuleWith(ir.Config{From: "shop@example.com"})}, modules()[1:]...)
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), withMail, func(t *testing.T, db *models.Database) {
		w := &world{t: t, db: db}
		modelstest.Do(t, db, w.seed)
		id, _ := w.paid("12.00")
		var actions []any
		modelstest.Do(t, db, func(tx *models.Tx) { actions = []any{tx.Ref(receiptPDF), tx.Ref(receiptHTML)} })
		w.call(w.clerk, "ir.email", "send", "alice@example.com", "", "", "Your receipt", "<p>Hello</p>", []any{}, []any{"account.payment", id}, actions, nil)
		var sent ir.Mail
		if err := ir.SendQueue(func(_ context.Context, m ir.Mail) error { sent = m; return nil })(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if len(sent.Files) != 2 || !bytes.HasPrefix(sent.Files[0].Content, []byte("%PDF-")) || !bytes.HasPrefix(sent.Files[1].Content, []byte("<!DOCTYPE html>")) {
			t.Fatalf("%d files", len(sent.Files))
		}
		for i, name := range []string{`^Receipt-\d+\.pdf$`, `^Receipt-\d+\.html$`} {
			if !regexp.MustCompile(name).MatchString(sent.Files[i].Name) {
				t.Errorf("the file is called %q", sent.Files[i].Name)
			}
		}
		var statement int64
		modelstest.Do(t, db, func(tx *models.Tx) { statement = tx.Ref(statementPDF) })
		if _, err := w.try(w.clerk, "ir.email", "send", "alice@example.com", "", "", "x", "", []any{}, []any{"account.payment", id}, []any{statement}, nil); !models.IsKind(err, models.KindUser) {
			t.Errorf("a statement of a payment: %v", err)
		}
	})
}
