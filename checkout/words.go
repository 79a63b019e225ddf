package checkout

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paytond/models/paymentstripe"
)

// words are the texts of the pages in one language, and how it writes numbers and days.
type words struct {
	paymentstripe.PageWords
	Code string // of the language, as <html lang> and Stripe.js have it
	format
}

// format is how a language writes amounts and days.
type format struct{ decimalPoint, thousands, dateLayout string }

// formatOf is that of a language's code, without its country; another language writes as computers do.
func formatOf(code string) format {
	code, _, _ = strings.Cut(code, "-")
	switch code {
	case "en":
		return format{".", ",", "2 January 2006"}
	case "de":
		return format{",", ".", "2.1.2006"}
	case "fr":
		return format{",", narrow, "02/01/2006"}
	case "es":
		return format{",", ".", "02/01/2006"}
	}
	return format{".", "", "2006-01-02"}
}

// date writes a day as one does in the language.
func (w *words) date(t time.Time) string { return t.Format(w.dateLayout) }

// ofPage is what is said of a page that has no form.
func (w *words) ofPage(p *paymentstripe.Page) (title, text string) {
	switch p.Status {
	case paymentstripe.StatusVerify:
		return w.Debit.VerifyTitle, fmt.Sprintf(w.Debit.VerifyText, w.date(p.VerifyFrom))
	case paymentstripe.StatusPaid:
		return w.PaidTitle, w.PaidText
	case paymentstripe.StatusSaved:
		if p.Debit {
			return w.Debit.KeptBankTitle, w.Debit.KeptBankText
		}
		return w.KeptTitle, w.KeptText
	case paymentstripe.StatusAuthorized:
		return w.ReservedTitle, w.ReservedText
	case paymentstripe.StatusProcessing:
		if p.Debit {
			return w.Debit.DebitTitle, w.Debit.DebitText
		}
		return w.ProcessingTitle, w.ProcessingText
	case paymentstripe.StatusUnavailable:
		return w.UnavailableTitle, w.UnavailableText
	}
	return w.OverTitle, w.OverText
}

// Spaces at which a line does not break.
const (
	nbsp   = "\u00a0"
	narrow = "\u202f"
)

// wanted are the languages in which a page may be written, the best first: the payer's, then those that the browser asks for.
func wanted(payer, accepted string) []string {
	type choice struct {
		code    string
		quality float64
	}
	var list []choice
	for part := range strings.SplitSeq(accepted, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		if q := qualityOf(parameters); q > 0 && len(list) < 20 {
			list = append(list, choice{strings.TrimSpace(name), q})
		}
	}
	slices.SortStableFunc(list, func(a, b choice) int { return cmp.Compare(b.quality, a.quality) })
	codes := []string{payer}
	for _, c := range list {
		codes = append(codes, c.code)
	}
	return codes
}

// qualityOf reads "q=0.8"; without it the quality is 1, and what cannot be read is not wanted.
func qualityOf(parameters string) float64 {
	text, found := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
	if !found {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
