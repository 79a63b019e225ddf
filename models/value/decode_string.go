package value

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// readString reads from the opening quote to the closing one.
func (p *parser) readString() (string, error) {
	p.pos++
	start := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			s := p.text[start:p.pos]
			p.pos++
			return mend(s), nil
		case c == '\\':
			return p.readEscaped(start)
		case c < ' ':
			return "", p.fail("a control character in a string")
		}
		p.pos++
	}
	return "", p.fail("the text ends inside a string")
}

// mend is s as text, with U+FFFD for what is not UTF-8.
func mend(s []byte) string {
	if utf8.Valid(s) {
		return string(s)
	}
	return strings.ToValidUTF8(string(s), "\ufffd")
}

// readEscaped goes on with a string that began at start and has an escape at the current byte.
func (p *parser) readEscaped(start int) (string, error) {
	out := append([]byte{}, p.text[start:p.pos]...)
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"':
			p.pos++
			return mend(out), nil
		case c < ' ':
			return "", p.fail("a control character in a string")
		case c != '\\':
			out = append(out, c)
			p.pos++
			continue
		}
		r, err := p.readEscape()
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, r)
	}
	return "", p.fail("the text ends inside a string")
}

// readEscape reads a backslash and what follows it; a pair of surrogates is one character.
func (p *parser) readEscape() (rune, error) {
	if p.pos+1 >= len(p.text) {
		return 0, p.fail("the text ends inside a string")
	}
	c := p.text[p.pos+1]
	if c == 'u' {
		return p.readUnicode()
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		return 0, p.fail("an unknown escape in a string")
	}
	p.pos += 2
	return rune("\"\\/\b\f\n\r\t"[i]), nil
}

func (p *parser) readUnicode() (rune, error) {
	r, ok := p.hexAt(p.pos)
	if !ok {
		return 0, p.fail("four hexadecimal digits are expected")
	}
	p.pos += 6
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if low, ok := p.hexAt(p.pos); ok {
		if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
			p.pos += 6
			return full, nil
		}
	}
	return utf8.RuneError, nil
}

// hexAt is the code unit of a \uXXXX at pos, if there is one.
func (p *parser) hexAt(pos int) (rune, bool) {
	if pos+6 > len(p.text) || p.text[pos] != '\\' || p.text[pos+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.text[pos+2:pos+6]), 16, 16)
	return rune(n), err == nil
}
