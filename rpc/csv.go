package rpc

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"paytond/models"
	"paytond/models/value"
)

// dialect is how a table is written: as Python's csv does, which quotes what it
// must and ends lines with CR LF.
type dialect struct{ delimiter, quote, encoding string }

// row adds one line.
func (d dialect) row(text *strings.Builder, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			text.WriteString(d.delimiter)
		}
		if strings.ContainsAny(cell, d.delimiter+d.quote+"\r\n") || len(cells) == 1 && cell == "" {
			cell = d.quote + strings.ReplaceAll(cell, d.quote, d.quote+d.quote) + d.quote
		}
		text.WriteString(cell)
	}
	text.WriteString("\r\n")
}

// codec is the encoding by its name, in the web's or in Python's spelling.
func (d dialect) codec() (encoding.Encoding, error) {
	name := strings.ToLower(strings.ReplaceAll(d.encoding, "_", "-"))
	switch name {
	case "latin-1", "iso8859-1":
		name = "latin1"
	case "utf-8-sig":
		return unicode.UTF8BOM, nil
	case "utf-16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "mac-roman":
		name = "macintosh"
	}
	if rest, ok := strings.CutPrefix(name, "iso8859-"); ok {
		name = "iso-8859-" + rest
	}
	return htmlindex.Get(name)
}

func (d dialect) check() error {
	if _, err := d.codec(); err != nil {
		return fmt.Errorf("there is no encoding %q", d.encoding)
	}
	return nil
}

// encode writes a text in the encoding; what it cannot hold is an error.
func (d dialect) encode(text string) ([]byte, error) {
	codec, err := d.codec()
	if err != nil {
		return nil, err
	}
	encoded, err := codec.NewEncoder().String(text)
	if err != nil {
		return nil, models.BadRequest("The values cannot all be written in %s.", d.encoding)
	}
	return []byte(encoded), nil
}

// plainCell writes a value as programs read it: dates as of ISO, true as 1.
func plainCell(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return map[bool]string{false: "0", true: "1"}[v], nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case []byte:
		return base64.StdEncoding.EncodeToString(v), nil
	case time.Time:
		if v.Nanosecond() == 0 {
			return v.UTC().Format(time.DateTime), nil
		}
		return v.UTC().Format("2006-01-02 15:04:05.000000"), nil
	case time.Duration:
		return duration(v), nil
	case fmt.Stringer: // decimals, dates, times of day, references
		return v.String(), nil
	}
	text, err := value.Encode(v)
	return string(text), err
}

// duration is one as Python writes it: "1 day, 2:03:04".
func duration(d time.Duration) string {
	const day = 24 * time.Hour
	days := d / day
	if d%day < 0 {
		days--
	}
	rest := d - days*day
	text := fmt.Sprintf("%d:%02d:%02d", rest/time.Hour, rest%time.Hour/time.Minute, rest%time.Minute/time.Second)
	if rest %= time.Second; rest != 0 {
		text += fmt.Sprintf(".%06d", rest/time.Microsecond)
	}
	switch days {
	case 0:
		return text
	case 1, -1:
		return fmt.Sprintf("%d day, %s", days, text)
	}
	return fmt.Sprintf("%d days, %s", days, text)
}

// localCell writes numbers and dates as a language does. Numbers keep all
// their digits.
func localCell(locale map[string]any) func(v any) (string, error) {
	point, _ := locale["decimal_point"].(string)
	format, _ := locale["date"].(string)
	return func(v any) (string, error) {
		switch v := v.(type) {
		case float64, value.Decimal:
			text, err := plainCell(v)
			return strings.Replace(text, ".", point, 1), err
		case value.Date:
			return date(v.Time(), format), nil
		case time.Time:
			return date(v.UTC(), format) + v.UTC().Format(" 15:04:05"), nil
		}
		return plainCell(v)
	}
}

// date writes a day in a language's format, whose parts are numbers.
func date(t time.Time, format string) string {
	return strings.NewReplacer("%d", t.Format("02"), "%m", t.Format("01"), "%Y", t.Format("2006"), "%y", t.Format("06"), "%%", "%").Replace(format)
}
