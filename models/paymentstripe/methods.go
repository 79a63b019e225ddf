package paymentstripe

import (
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/payment"
	"paytond/stripe"
)

// Types of payment methods that an account can offer.
const (
	methodCard  = "card"
	methodACH   = "us_bank_account"
	methodSEPA  = "sepa_debit"
	statementOf = 22 // characters of a statement at most
)

var methodTypes = [][2]any{{methodCard, "Card"}, {methodACH, "US Bank Account (ACH)"}, {methodSEPA, "SEPA Debit"}}

// offeredTypes are the types of payment methods that the account offers, or the journal where it has its own choice. journal may be nil.
func offeredTypes(account, journal *models.Record) []string {
	if journal != nil {
		if own := Journal.StripePaymentMethods.Of(journal); len(own) > 0 {
			return own
		}
	}
	if offered := Account.StripePaymentMethods.Of(account); len(offered) > 0 {
		return offered
	}
	return []string{methodCard}
}

// fittingTypes are those of the offered types with which a payment in the currency can be made. Bank debits have one currency each, and
// cannot be authorised first and captured later. Cards come first.
func fittingTypes(offered []string, currency string, capture bool) []string {
	var fit []string
	for _, choice := range methodTypes {
		kind := choice[0].(string)
		if !slices.Contains(offered, kind) {
			continue
		}
		switch kind {
		case methodACH:
			if !capture || !strings.EqualFold(currency, "usd") {
				continue
			}
		case methodSEPA:
			if !capture || !strings.EqualFold(currency, "eur") {
				continue
			}
		}
		fit = append(fit, kind)
	}
	return fit
}

// statementField is what customers read on their statement.
func statementField(label string) models.Char {
	return models.NewChar(models.Field{String: label, Size: statementOf,
		Help: "What customers read on the statement of their card or account, after what Stripe knows of the company: up to 22 Latin letters, digits, blanks and marks."})
}

// statementText is the text for the statements of payments through a journal.
func statementText(account, journal *models.Record) string {
	if journal != nil {
		if own := Journal.StripeStatementDescriptor.Of(journal); own != "" {
			return own
		}
	}
	return Account.StripeStatementDescriptor.Of(account)
}

// checkStatement refuses what Stripe refuses as a statement's text.
func checkStatement(text string) error {
	if text == "" {
		return nil
	}
	letter := false
	for _, c := range text {
		letter = letter || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if c < ' ' || c > '~' || strings.ContainsRune(`<>\'"*`, c) {
			return models.UserError("The statement descriptor \"%s\" must not contain \"%c\": only Latin letters, digits, blanks and marks other than < > \\ ' \" *.", text, c)
		}
	}
	switch {
	case len(text) > statementOf:
		return models.UserError("The statement descriptor \"%s\" is longer than %d characters.", text, statementOf)
	case !letter:
		return models.UserError("The statement descriptor \"%s\" needs at least one letter.", text)
	}
	return nil
}

// checkMethods is the check of a model's own choice of types and its statement's text.
func checkMethods(types models.MultiSelection, statement models.Char) func(*models.Tx, []*models.Record) error {
	return func(_ *models.Tx, records []*models.Record) error {
		for _, r := range records {
			for _, kind := range types.Of(r) {
				if !slices.ContainsFunc(methodTypes, func(choice [2]any) bool { return choice[0] == kind }) {
					return models.UserError("\"%s\" is no payment method that \"%s\" can offer.", kind, r.Name())
				}
			}
			if err := checkStatement(statement.Of(r)); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkOffered refuses a journal whose payments nobody could pay.
func (x *journalStripe) checkOffered(_ *models.Tx, journals []*models.Record) error {
	for _, r := range journals {
		account := x.StripeAccount.Of(r)
		if payment.Journal.ProcessMethod.Of(r) != methodStripe || account == nil {
			continue
		}
		if len(fittingTypes(offeredTypes(account, r), journalCurrency(r), true)) == 0 {
			return models.UserError("None of the payment methods of the journal \"%s\" takes payments in %s.", r.Name(), journalCurrency(r))
		}
	}
	return nil
}

// offers tells whether the payment may be made with a payment method of the type.
func (o order) offers(kind string) bool { return slices.Contains(o.types, kind) }

// stated adds what customers read on their statement: a suffix for cards, the whole for what is no card.
func (o order) stated(p stripe.PaymentIntentParams) stripe.PaymentIntentParams {
	switch {
	case slices.Contains(p.MethodTypes, methodCard):
		p.StatementSuffix = o.statement
	case len(o.statement) >= shortestStatement:
		p.Statement = o.statement
	}
	return p
}

// shortestStatement is how long Stripe wants the whole of a statement to be.
const shortestStatement = 5

// nothingFits says why a payment has no way to be paid.
func (o order) nothingFits() string {
	text := "The journal offers no payment method for " + strings.ToUpper(o.currency)
	if !o.capture {
		text += " that can be authorised first and captured later"
	}
	return text
}

// longest is how many characters Stripe keeps of a value in metadata, and what is enough for a description.
const longest = 500

// cut shortens a text to what Stripe keeps.
func cut(text string) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest])
	}
	return text
}

func cutAll(metadata map[string]string) map[string]string {
	for k, v := range metadata {
		metadata[k] = cut(v)
	}
	return metadata
}
