package ir

import (
	"encoding/json"
	"strings"

	"paytond/models"
	"paytond/models/value"
)

// FormatDate writes a day as a language does, in numbers; as 2026-11-25 where
// language is nil.
func FormatDate(language *models.Record, day value.Date) string {
	format := Languages.Date.Of(language)
	if language == nil || format == "" {
		return day.String()
	}
	t := day.Time()
	return strings.TrimSpace(strings.NewReplacer("%d", t.Format("02"), "%m", t.Format("01"), "%b", t.Format("01"), "%B", t.Format("01"),
		"%Y", t.Format("2006"), "%y", t.Format("06"), "%a", "", "%A", "", "%%", "%").Replace(format))
}

// FormatMoney writes an amount with so many digits after the point as a language
// writes money; plainly where language is nil. A symbol, "" for none, stands
// where the language puts it.
func FormatMoney(language *models.Record, amount value.Decimal, digits int, symbol string) string {
	whole, fraction, _ := strings.Cut(amount.Abs().Quantize(digits).Plain(), ".")
	text, sign, first, apart := whole, "", false, true
	point := "."
	if amount.Sign() < 0 {
		sign = "-"
	}
	if language != nil {
		l := Languages
		point = l.MonDecimalPoint.Of(language)
		text = grouped(whole, l.MonGrouping.Of(language), l.MonThousandsSep.Of(language))
		first, apart = l.PCsPrecedes.Of(language), l.PSepBySpace.Of(language)
		if sign != "" {
			first, apart = l.NCsPrecedes.Of(language), l.NSepBySpace.Of(language)
			sign = l.NegativeSign.Of(language)
		}
	}
	if fraction != "" {
		text += point + fraction
	}
	blank := ""
	if apart {
		blank = " "
	}
	switch {
	case symbol == "":
	case first:
		text = symbol + blank + text
	default:
		text += blank + symbol
	}
	return strings.ReplaceAll(sign+text, " ", "\u00a0") // a number is not parted at the end of a line
}

// grouped puts separators into a number by the sizes of its groups from the
// right, as Python's locale has them: 0 repeats the last size, 127 ends.
func grouped(digits, sizes, separator string) string {
	var list []int
	if json.Unmarshal([]byte(sizes), &list) != nil || separator == "" {
		return digits
	}
	var groups []string
	size := 0
	for len(digits) > 0 && len(list) > 0 {
		if list[0] == 127 {
			break
		}
		if list[0] != 0 {
			size = list[0]
			list = list[1:]
		}
		if size <= 0 || size >= len(digits) {
			break
		}
		groups = append([]string{digits[len(digits)-size:]}, groups...)
		digits = digits[:len(digits)-size]
	}
	return strings.Join(append([]string{digits}, groups...), separator)
}
