package party

import (
	"strings"

	"paytond/models"
)

// labelReport is party.label: the addresses of parties, one on a page.
func labelReport() *models.Report {
	return &models.Report{Name: "party.label", Execute: printLabels}
}

func printLabels(tx *models.Tx, parties []*models.Record, _ map[string]any) (string, any, string, error) {
	var d Document
	for _, r := range InLanguage(tx.With(map[string]any{"address_with_party": true}), parties) {
		d.Page(Letterhead(r))
	}
	content, err := d.Bytes()
	return "odt", content, FileName("Labels", parties), err
}

// InLanguage are the parties, each in a transaction of the party's language.
func InLanguage(tx *models.Tx, parties []*models.Record) []*models.Record {
	list := make([]*models.Record, len(parties))
	for i, r := range parties {
		t := tx
		if code, _ := Party.Lang.Of(r).Get("code").(string); code != "" {
			t = tx.With(map[string]any{"language": code})
		}
		list[i] = Party.Get(t, r.ID())
	}
	return list
}

// Letterhead is what stands on a letter to the party: its first address, or
// else its name. The context must have address_with_party.
func Letterhead(r *models.Record) string {
	if a := FirstAddress(r); a != nil {
		return FullAddress(a)
	}
	return Party.FullName.Of(r)
}

// FirstAddress is the party's first address that is in use, nil for none.
func FirstAddress(r *models.Record) *models.Record {
	for _, a := range Party.Addresses.Of(r) {
		if Address.Active.Of(a) {
			return a
		}
	}
	return nil
}

// FileName is a report's name with the names of its first five records.
func FileName(title string, records []*models.Record) string {
	parts := []string{title}
	for i, r := range records {
		if i == 5 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, strings.NewReplacer("/", "_", "\\", "_", "\n", " ").Replace(r.Name()))
	}
	return strings.Join(parts, "-")
}
