package party

import (
	"regexp"
	"strings"
)

// identifierKind is a kind of identifier: how its codes look, and what their
// check digits are. Its name is Tryton's.
type identifierKind struct {
	name, label string
	tax         bool                     // tax authorities give it
	pattern     *regexp.Regexp           // nil where nothing is checked
	check       func(digits string) bool // nil where the pattern says all
}

func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

// identifierTypes are the kinds as a selection.
func identifierTypes() [][2]any {
	list := make([][2]any, len(kinds))
	for i, k := range kinds {
		list[i] = [2]any{k.name, k.label}
	}
	return list
}

// taxTypes are the names of the kinds that tax authorities give.
func taxTypes() []any {
	var list []any
	for _, k := range kinds {
		if k.tax {
			list = append(list, k.name)
		}
	}
	return list
}

func isTaxType(name string) bool {
	k, known := kindOf(name)
	return known && k.tax
}

func kindOf(name string) (identifierKind, bool) {
	for _, k := range kinds {
		if k.name == name {
			return k, true
		}
	}
	return identifierKind{}, false
}

var between = strings.NewReplacer(" ", "", "-", "", ".", "", "/", "", ",", "", "'", "")

// compact is a code in capitals without blanks and points; a national number
// also without the letters of its country, which people write before it.
func (k identifierKind) compact(code string) string {
	if k.pattern == nil {
		return strings.TrimSpace(code)
	}
	code = strings.ToUpper(between.Replace(code))
	prefix := strings.ToUpper(k.name[:2])
	if k.name[:2] == "eu" || k.name[:2] == "ch" || k.pattern.MatchString(code) {
		return code
	}
	if short := strings.TrimPrefix(code, prefix); k.pattern.MatchString(short) {
		return short
	}
	return code
}

// valid tells whether a compact code looks as the kind wants and its check digits are right.
func (k identifierKind) valid(code string) bool {
	if k.pattern == nil {
		return true
	}
	if !k.pattern.MatchString(code) {
		return false
	}
	if k.name == europeanVAT {
		return validEuropean(code[:2], code[2:])
	}
	return k.check == nil || k.check(code)
}

// europeanVAT is the kind that stands for the kinds of all members of the union.
const europeanVAT = "eu_vat"

// national are the kinds behind the country letters of a European VAT number.
var national = map[string]string{"BE": "be_vat", "BG": "bg_vat", "CY": "cy_vat", "CZ": "cz_dic", "DE": "de_vat", "DK": "dk_cvr",
	"EE": "ee_kmkr", "EL": "gr_vat", "ES": "es_nif", "FI": "fi_alv", "FR": "fr_tva", "HR": "hr_oib", "HU": "hu_anum", "IE": "ie_vat",
	"IT": "it_iva", "LT": "lt_pvm", "LU": "lu_tva", "LV": "lv_pvn", "MT": "mt_vat", "NL": "nl_btw", "PL": "pl_nip", "PT": "pt_nif",
	"RO": "ro_cf", "SE": "se_vat", "SI": "si_ddv", "SK": "sk_dph", "XI": "gb_vat"}

// austrian is a VAT number of Austria, which has no kind of its own.
var austrian = identifierKind{pattern: whole(`U\d{8}`), check: func(code string) bool { return (luhnSum(code[:8])+number(code[8:]))%10 == 6 }}

// validEuropean holds a number against the rules of its country.
func validEuropean(country, number string) bool {
	if k, known := kindOf(national[country]); known {
		return k.valid(number)
	}
	return country == "AT" && austrian.valid(number)
}
