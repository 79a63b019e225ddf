package paymentstripe

import (
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/sql"
	"paytond/stripe"
)

// A call of which it is not known what became is found out by asking the same account at Stripe, or made again there with its key. Another
// account knows of neither: there it would be done once more.

// keepAccount refuses a secret key that is, or may be, one of another account at Stripe while there are such calls. A key that Stripe does
// not take any more may be changed: without that nobody would ever learn what became of them.
func (e *Engine) keepAccount(tx *models.Tx, r *models.Record, before, after string) error {
	same, known := sameAccount(e.plainKey(before), e.plainKey(after))
	if same {
		return nil
	}
	n, err := pendingCalls(tx, r.ID())
	if err != nil || n == 0 {
		return err
	}
	if !known && keyRefused(tx, r.ID()) {
		return nil
	}
	return models.UserError("The secret key of the Stripe account \"%s\" can only be changed to another one of the same account at Stripe now: "+
		"of %d calls it is not known what became of them. \"Unclear at Stripe\" in the menu lists those that wait for long.", r.Name(), n)
}

// plainKey is the key that a stored or entered text stands for; "" where it cannot be had.
func (e *Engine) plainKey(text string) string {
	key, err := e.vault.resolve("secret_key", strings.TrimSpace(text), secretPrefixes)
	if err != nil {
		return ""
	}
	return key
}

// accountPart is how many characters of a key, behind what says its kind and mode, name the account: "51" and the rest of its id. Older
// keys do not name it.
const accountPart = 17

// sameAccount tells whether two secret keys are of one account and mode, where they tell.
func sameAccount(one, other string) (same, known bool) {
	if one == other {
		return one != "", one != ""
	}
	live, ok := stripe.Livemode(one)
	otherLive, otherOk := stripe.Livemode(other)
	if !ok || !otherOk {
		return false, false
	}
	if live != otherLive {
		return false, true
	}
	a, b := one[strings.LastIndexByte(one, '_')+1:], other[strings.LastIndexByte(other, '_')+1:]
	if len(a) <= accountPart || len(b) <= accountPart || !strings.HasPrefix(a, "51") || !strings.HasPrefix(b, "51") {
		return false, false
	}
	return a[:accountPart] == b[:accountPart], true
}

// pendingCalls counts the calls of an account that may have done something of which it is not known; see pendingAttempt.
func pendingCalls(tx *models.Tx, account int64) (int64, error) {
	rows, err := tx.Query(sql.SQL(`SELECT COUNT(*) FROM "account_payment_stripe_attempt" "a" WHERE "a"."stripe_account" = ?
		AND "a"."idempotency_key" IS NOT NULL AND COALESCE("a"."payment", "a"."refund", "a"."customer") IS NOT NULL
		AND ("a"."outcome" = ? OR "a"."outcome" = ? AND "a"."untouched" = ?)
		AND NOT EXISTS (SELECT 1 FROM "account_payment_stripe_attempt" "b" WHERE "b"."id" > "a"."id" AND "b"."idempotency_key" IS NOT NULL
			AND ("b"."payment" = "a"."payment" OR "b"."refund" = "a"."refund" OR "b"."customer" = "a"."customer")
			AND ("b"."outcome" IN (?) OR "b"."outcome" = ? OR "b"."outcome" = ? AND "b"."untouched" = ?))`,
		account, begun, unknown, false, []string{done, declined, resolved}, begun, unknown, false))
	if err != nil {
		return 0, err
	}
	n, _ := rows[0][0].(int64)
	return n, nil
}

const unauthorized = 401 // the HTTP status that Stripe refuses a key with

// keyRefused tells whether Stripe did not take the account's key the last time.
func keyRefused(tx *models.Tx, account int64) bool {
	last := Attempt.Search(tx, domain.AllOf(Attempt.StripeAccount.Eq(account), Attempt.HTTPStatus.Gt(int64(0))), models.OrderBy("-id"), models.Limit(1))
	return len(last) > 0 && Attempt.HTTPStatus.Of(last[0]) == unauthorized
}
