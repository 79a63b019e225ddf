package paymentstripe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/models/res"
	"paytond/stripe"
)

// What the keys of an account begin with.
var (
	secretPrefixes      = []string{"sk_test_", "sk_live_", "rk_test_", "rk_live_"}
	publishablePrefixes = []string{"pk_test_", "pk_live_"}
	signingPrefixes     = []string{"whsec_"}
)

// sealedField is a field of an account that is kept by the vault.
type sealedField struct {
	models.Char
	prefixes []string
	what     string
}

func sealedFields() []sealedField {
	return []sealedField{
		{Account.SecretKey, secretPrefixes, "secret key"},
		{Account.WebhookSigningSecret, signingPrefixes, "signing secret"},
		{Account.WebhookPreviousSecret, signingPrefixes, "signing secret"},
	}
}

// bindKeys has the keys of an account checked and sealed when they are written, and opened for who may read them.
func (e *Engine) bindKeys(c *models.Class) {
	c.BeforeCreate(func(_ *models.Tx, list []models.Values) error {
		for _, values := range list {
			if err := e.keepKeys(nil, values); err != nil {
				return err
			}
		}
		return nil
	})
	c.BeforeWrite(func(tx *models.Tx, records []*models.Record, values models.Values) error {
		for _, r := range records {
			if err := e.checkKeys(r, values); err != nil {
				return err
			}
		}
		for _, r := range records {
			if err := e.warnOfKeys(tx, r, values); err != nil {
				return err
			}
		}
		return e.keepKeys(records[0], values)
	})
	c.Validate(checkMethods(Account.StripePaymentMethods, Account.StripeStatementDescriptor))
	for _, f := range sealedFields() {
		c.Shown(f, func(stored any) any { return e.shownKey(f, stored) })
	}
}

// shownKey opens a key for a client that may read it. What cannot be opened stays sealed.
func (e *Engine) shownKey(f sealedField, stored any) any {
	text, ok := stored.(string)
	if !ok {
		return stored
	}
	plain, err := e.vault.open(f.FieldName(), text)
	if err != nil {
		return text
	}
	return plain
}

// keepKeys checks the keys among the values and seals them. r is the record that they are for, nil for a new one.
func (e *Engine) keepKeys(r *models.Record, values models.Values) error {
	if err := e.checkKeys(r, values); err != nil {
		return err
	}
	for _, f := range sealedFields() {
		text, ok := values[f.FieldName()].(string)
		if !ok {
			continue
		}
		plain, err := e.openAny(f, text)
		if err != nil {
			continue // as it was stored, see checkKeys
		}
		values[f.FieldName()] = orNil(e.vault.seal(f.FieldName(), plain))
	}
	return nil
}

// openAny opens a text that may have been sealed for another of the fields: a signing secret becomes the previous one.
func (e *Engine) openAny(f sealedField, text string) (string, error) {
	var first error
	for _, from := range sealedFields() {
		if from.what != f.what {
			continue
		}
		plain, err := e.vault.open(from.FieldName(), text)
		if err == nil {
			return plain, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}

// checkKeys refuses keys that cannot be right: of another kind, of two modes, references that lead nowhere.
func (e *Engine) checkKeys(r *models.Record, values models.Values) error {
	for _, f := range sealedFields() {
		text, ok := values[f.FieldName()].(string)
		if !ok || text == "" || r != nil && text == f.Of(r) {
			continue
		}
		plain, err := e.openAny(f, text)
		if err != nil {
			if r != nil && (text == Account.WebhookSigningSecret.Of(r)) {
				continue // a secret of which the master key is lost becomes the previous one
			}
			return models.UserError("The %s cannot be used: %s.", f.what, err)
		}
		values[f.FieldName()] = strings.TrimSpace(text)
		if err := e.checkKey(f, strings.TrimSpace(plain)); err != nil {
			return err
		}
	}
	if text, ok := values["publishable_key"].(string); ok && (r == nil || text != Account.PublishableKey.Of(r)) {
		if !beginsWith(strings.TrimSpace(text), publishablePrefixes) {
			return models.UserError("The publishable key is none: it begins with pk_test_ or pk_live_.")
		}
		values["publishable_key"] = strings.TrimSpace(text)
	}
	return e.checkMode(r, values)
}

func (e *Engine) checkKey(f sealedField, plain string) error {
	switch {
	case isReference(plain):
		if err := e.vault.check(plain); err != nil {
			return models.UserError("The %s refers to nothing that can be used: %s.", f.what, err)
		}
	case !beginsWith(plain, f.prefixes):
		return models.UserError("The %s is none: it begins with %s, or is a reference (env:NAME, file:/path).", f.what, strings.Join(f.prefixes, " or "))
	}
	return nil
}

// checkMode refuses a live key beside one for tests.
func (e *Engine) checkMode(r *models.Record, values models.Values) error {
	current := func(f models.Char) string {
		if v, ok := values[f.FieldName()]; ok {
			text, _ := v.(string)
			return text
		}
		if r == nil {
			return ""
		}
		return f.Of(r)
	}
	_, first := values["secret_key"]
	_, second := values["publishable_key"]
	if !first && !second {
		return nil
	}
	secret, err := e.vault.resolve("secret_key", current(Account.SecretKey), secretPrefixes)
	if err != nil {
		return nil // what it refers to may be there for another server, or later
	}
	live, ok := stripe.Livemode(secret)
	if publishable := current(Account.PublishableKey); ok && publishable != "" && strings.HasPrefix(publishable, "pk_live_") != live {
		return models.UserError("One of the keys is for live mode, the other for test mode: payments would fail.")
	}
	return nil
}

func beginsWith(text string, prefixes []string) bool {
	return !strings.ContainsAny(text, " \t\r\n") &&
		slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(text, p) && len(text) > len(p) })
}

// warnOfKeys asks before the keys are changed while payments are on their way with them, or customers or a webhook were made with
// them, and refuses what would have a payment made twice.
func (e *Engine) warnOfKeys(tx *models.Tx, r *models.Record, values models.Values) error {
	text, given := values["secret_key"].(string)
	if !given {
		return nil
	}
	before, err := e.vault.open("secret_key", Account.SecretKey.Of(r))
	if err == nil && before == strings.TrimSpace(text) {
		return nil
	}
	if err := e.keepAccount(tx, r, Account.SecretKey.Of(r), text); err != nil || tx.User() == 0 {
		return err
	}
	n := payment.Payment.Count(tx, domain.AllOf(payment.Payment.State.Eq(payment.Processing),
		domain.C("journal.stripe_account", domain.Equal, r.ID())))
	saved := Customer.Count(tx, domain.AllOf(Customer.StripeAccount.Eq(r.ID()), Customer.StripeCustomerID.Ne(nil), Customer.StripeCustomerID.Ne("")))
	webhook := Account.WebhookEndpointID.Of(r) != ""
	if n == 0 && saved == 0 && !webhook {
		return nil
	}
	var why []string
	if n > 0 {
		why = append(why, tx.Say("Payments that are processing with the account: %d.", n))
	}
	if saved > 0 {
		why = append(why, tx.Say("Customers that are known to Stripe by it: %d.", saved))
	}
	if webhook {
		why = append(why, tx.Say("Its webhook was made with the key."))
	}
	return res.Warn(tx, fmt.Sprintf("stripe_account_key_%d_%d_%d", r.ID(), n, saved), tx.Say("You are changing the key of the Stripe account \"%s\".", r.Name()),
		strings.Join(append(why, tx.Say("A key of another account at Stripe does not know of them.")), " "))
}

// accountAt is the account at Stripe of a stored secret key. One whose key cannot be had refuses every call, and says why.
func (e *Engine) accountAt(stored string) *stripe.Account {
	secret, err := e.vault.resolve("secret_key", stored, secretPrefixes)
	if err != nil {
		return e.gateway.Unusable("The secret key of the Stripe account cannot be used: " + err.Error())
	}
	return e.gateway.Account(secret)
}

// resealKeys brings the keys that are not sealed, or sealed with an older master key, to the newest one.
func (e *Engine) resealKeys(tx *models.Tx) error {
	for _, r := range Account.Search(tx, domain.And{}) {
		var assigns []models.Assign
		for _, f := range sealedFields() {
			stored := f.Of(r)
			if e.vault.current(stored) {
				continue
			}
			plain, err := e.vault.open(f.FieldName(), stored)
			if err != nil {
				e.log.Error("a key cannot be sealed anew", "database", tx.Database().Name(), "account", r.ID(), "field", f.FieldName(), "error", err)
				continue
			}
			assigns = append(assigns, f.To(plain))
		}
		if len(assigns) == 0 {
			continue
		}
		if err := Account.Write(tx, []*models.Record{r}, assigns...); err != nil {
			return fmt.Errorf("seal the keys of account %d: %w", r.ID(), err)
		}
	}
	return nil
}

// tested is what Stripe says of the keys of an account.
type tested struct {
	text string
	live bool
}

// planTest asks Stripe whose key the account has, and whether Stripe calls its webhook. What is answered is written on the account, a
// refusal too.
func (e *Engine) planTest(_ *models.Tx, r *models.Record) *work {
	x := Account
	identifier, id := x.WebhookIdentifier.Of(r), x.WebhookEndpointID.Of(r)
	secret, _ := e.vault.resolve("secret_key", x.SecretKey.Of(r), secretPrefixes)
	live, _ := stripe.Livemode(secret)
	signed := len(signingSecrets(r)) > 0
	write := func(tx *models.Tx, r *models.Record, t tested) error {
		return x.Write(tx, []*models.Record{r}, x.StripeTest.To(false), x.StripeCheck.To(t.text), x.StripeTested.To(tx.Now()),
			x.StripeLivemode.To(t.live), x.StripeErrorMessage.To(nil))
	}
	return &work{operation: opTestKeys, account: r.ID(), secret: x.SecretKey.Of(r),
		call: func(ctx context.Context, a *stripe.Account, _ string) (any, error) {
			info, err := a.RetrieveAccount(ctx)
			facts := accountFacts(info, err, live)
			if err != nil && stripe.AsError(err).Kind != stripe.Permission {
				return tested{facts, live}, nil
			}
			return tested{facts + "; " + webhookFact(ctx, a, identifier, id, signed), live}, nil
		},
		done: func(tx *models.Tx, r *models.Record, result any) error {
			t, _ := result.(tested)
			return write(tx, r, t)
		},
		declined: func(tx *models.Tx, r *models.Record, e *stripe.Error) error {
			return write(tx, r, tested{e.Message, live})
		},
	}
}

// accountFacts says whose key it is.
func accountFacts(info *stripe.AccountInfo, err error, live bool) string {
	mode := map[bool]string{true: "live mode", false: "test mode"}[live]
	switch e := stripe.AsError(err); {
	case e != nil && e.Kind == stripe.Permission:
		return "Stripe accepts the restricted key, " + mode + ", which may not read the account"
	case err != nil:
		return refusalText(err)
	}
	facts := []string{info.Name + " (" + info.ID + ")", mode}
	for _, able := range []struct {
		what string
		yes  bool
	}{{"charges", info.ChargesEnabled}, {"payouts", info.PayoutsEnabled}} {
		if able.yes {
			facts = append(facts, able.what+" enabled")
		} else {
			facts = append(facts, able.what+" NOT enabled")
		}
	}
	return strings.Join(facts, ", ")
}

// refusalText is what an administrator reads of a call that failed. It holds no key.
func refusalText(err error) string {
	if e := stripe.AsError(err); e != nil {
		return e.Message
	}
	return err.Error()
}

// webhookFact says whether Stripe calls the webhook, and with all that is handled here.
func webhookFact(ctx context.Context, a *stripe.Account, identifier, id string, signed bool) string {
	if identifier == "" {
		return "no webhook: events are fetched by the scheduled action"
	}
	endpoints, err := a.ListEndpoints(ctx)
	if err != nil {
		return "the webhook could not be looked up: " + refusalText(err)
	}
	for _, e := range endpoints {
		if e.ID != id && (id != "" || !strings.HasSuffix(e.URL, "/webhook/"+identifier)) {
			continue
		}
		fact := "webhook " + e.Status
		if !signed {
			fact += ", its signatures are not checked"
		}
		if n := missingEvents(e.Events); n > 0 {
			fact += fmt.Sprintf(", %d types of events are not sent: create it anew", n)
		}
		return fact
	}
	return "Stripe does not know the webhook"
}

func missingEvents(sent []string) int {
	if slices.Contains(sent, "*") {
		return 0
	}
	n := 0
	for _, kind := range HandledEvents() {
		if !slices.Contains(sent, kind) {
			n++
		}
	}
	return n
}
