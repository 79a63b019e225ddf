package company

import (
	"paytond/models"
	"paytond/models/party"
)

// letterReport is party.letter: a letter to parties to write on, with the
// sender that is the user's company.
func letterReport() *models.Report {
	return &models.Report{Name: "party.letter", Execute: printLetters}
}

func printLetters(tx *models.Tx, parties []*models.Record, _ map[string]any) (string, any, string, error) {
	tx = tx.With(map[string]any{"address_with_party": true})
	sender, header, footer := "", "", ""
	var company *models.Record
	if id := tx.ContextID("company"); id > 0 {
		company = Company.Get(tx, id)
		sender = party.Letterhead(Company.Party.Of(company))
		header, footer = Company.Header.Of(company), Company.Footer.Of(company)
	}
	day := Today(tx, company).String()
	var d party.Document
	for _, r := range party.InLanguage(tx, parties) {
		d.Page(filled(header, sender, party.Letterhead(r), day, "Subject:", "Dear Sir or Madam,", " ", "Yours faithfully,", footer)...)
	}
	content, err := d.Bytes()
	return "odt", content, party.FileName("Letter", parties), err
}

// filled are the paragraphs that are not empty.
func filled(paragraphs ...string) []string {
	var list []string
	for _, p := range paragraphs {
		if p != "" {
			list = append(list, p)
		}
	}
	return list
}
