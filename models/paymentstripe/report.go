package paymentstripe

import (
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/payment"
)

// emailReport is account.payment.stripe.email_checkout: what is written to the payments' parties to have them open their checkout pages, as
// HTML, to each in his language; one after the other where there are several.
func (e *Engine) emailReport() *models.Report {
	return &models.Report{
		Name: letterReport.Name, Texts: letterReport.Texts,
		Execute: func(_ *models.Tx, records []*models.Record, _ map[string]any) (string, any, string, error) {
			var letters, names []string
			for _, r := range records {
				if r.Model() != payment.Payment.Name || e.checkoutURL(r) == "" {
					return "", nil, "", models.UserError("There is no checkout page for \"%s\".", r.Name())
				}
				m, err := e.requestLetter(r)
				if err != nil {
					return "", nil, "", err
				}
				letters, names = append(letters, m.HTML), append(names, strconv.FormatInt(r.ID(), 10))
			}
			return "html", strings.Join(letters, "\n<hr/>\n"), "Checkout-" + strings.Join(names, "-"), nil
		},
	}
}
