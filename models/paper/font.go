package paper

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
)

// LettersError says that a PDF cannot be made, as its font lacks letters of a text.
type LettersError struct{ Text string }

// Error quotes the text.
func (e *LettersError) Error() string { return fmt.Sprintf("paper: no letters for %q", e.Text) }

// family is the font's name within a PDF.
const family = "sans"

// faces are the font's files by style.
func faces() map[string][]byte {
	return map[string][]byte{"": liberationsansregular.TTF, "B": liberationsansbold.TTF}
}

// drawn is the font that tells which characters there are; both styles have the same.
var drawn = sync.OnceValues(func() (*sfnt.Font, error) { return sfnt.Parse(liberationsansregular.TTF) })

// missing stands for what is no letter and not in the font: a symbol or a picture.
const missing = '\u25a1'

// printable is a text in the characters of the font. What has none is shown as
// an empty box, but for letters and digits: without them a name would be another one.
func printable(text string) (string, error) {
	font, err := drawn()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	var buffer sfnt.Buffer
	for _, r := range text {
		switch {
		case r == '\n':
		case r == '\u202f' || unicode.Is(unicode.Zs, r): // blanks of other widths
			r = ' '
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			continue
		default:
			glyph, err := font.GlyphIndex(&buffer, r)
			if err != nil {
				return "", err
			}
			if glyph != 0 && r <= 0xffff {
				break
			}
			if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
				return "", &LettersError{text}
			}
			r = missing
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}
