package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// cardDetails is what is kept of a card.
type cardDetails struct {
	Brand       string
	Country     string
	ExpMonth    int
	ExpYear     int
	Fingerprint string
	Funding     string
	Last4       string
	CVCCheck    string // "pass" or "" where no code was given
	Own         ownCard
}

// ownCard is what the simulator alone knows.
type ownCard struct {
	Number string `json:"number"` // always a published test number
}

// behaviour is how the card acts.
func (o ownCard) behaviour() testCard {
	c, _ := findCard(o.Number)
	return c
}

func detailsOf(c testCard, month, year int, cvc bool) cardDetails {
	sum := sha256.Sum256([]byte("fingerprint of " + c.Number))
	d := cardDetails{Brand: c.Brand, Country: c.Country, ExpMonth: month, ExpYear: year, Funding: c.Funding,
		Fingerprint: strings.NewReplacer("+", "p", "/", "s").Replace(base64.StdEncoding.EncodeToString(sum[:]))[:16],
		Last4:       c.Number[len(c.Number)-4:], Own: ownCard{Number: c.Number}}
	if cvc {
		d.CVCCheck = "pass"
	}
	return d
}

// namedCard is the card of pm_card_NAME and tok_NAME; it ends in August of the year after next.
func namedCard(name string, now time.Time) (cardDetails, bool) {
	c, ok := findCardByName(name)
	if !ok {
		return cardDetails{}, false
	}
	return detailsOf(c, 8, now.Year()+2, true), true
}

// readCard reads a card's number, expiry and code from the hash prefix ("card" or "payment_method_data[card]").
func readCard(p *params, prefix string, now time.Time) (cardDetails, *apiError) {
	number := strings.NewReplacer(" ", "", "-", "").Replace(p.required(prefix + "[number]"))
	month, year := p.required(prefix+"[exp_month]"), p.required(prefix+"[exp_year]")
	cvc := p.str(prefix + "[cvc]")
	if p.err != nil {
		return cardDetails{}, p.err
	}
	return checkCard(number, month, year, cvc, now)
}

// checkCard refuses what Stripe refuses before it asks any bank, and every number that is not published for tests.
func checkCard(number, month, year, cvc string, now time.Time) (cardDetails, *apiError) {
	wrong := func(code, message, param string) (cardDetails, *apiError) {
		return cardDetails{}, cardError(decline{Code: code, Message: message, Param: param})
	}
	if !isDigits(number) || len(number) < 12 || len(number) > 19 {
		return wrong("invalid_number", "The card number is not a valid credit card number.", "number")
	}
	if !luhn(number) {
		return wrong("incorrect_number", "Your card number is incorrect.", "number")
	}
	m, err := strconv.Atoi(month)
	if err != nil || m < 1 || m > 12 {
		return wrong("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
	}
	y, err := strconv.Atoi(year)
	if err == nil && y < 100 {
		y += now.Year() / 100 * 100
	}
	if err != nil || y < now.Year() || y > now.Year()+50 || y == now.Year() && m < int(now.Month()) {
		return wrong("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
	}
	c, ok := findCard(number)
	if !ok {
		return wrong("card_declined", "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.", "number")
	}
	wantCVC := 3
	if c.Brand == "amex" {
		wantCVC = 4
	}
	if cvc != "" && (!isDigits(cvc) || len(cvc) != 3 && len(cvc) != wantCVC) {
		return wrong("invalid_cvc", "Your card's security code is invalid.", "cvc")
	}
	return detailsOf(c, m, y, cvc != ""), nil
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
