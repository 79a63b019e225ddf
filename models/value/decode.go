package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxDepth bounds how deep lists and objects may be nested in a text that Decode reads.
const maxDepth = 200

// maxValues bounds how many values such a text may hold: in memory, each of them takes many times the two bytes that it may
// have in the text.
const maxValues = 2_000_000

// SyntaxError is what Decode returns for a text that is not JSON.
type SyntaxError struct {
	Offset  int // byte at which reading stopped
	Problem string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: %s", e.Offset, e.Problem)
}

// Decode reads one JSON text and returns it as a value of this package:
//
//	null            nil
//	true, false     bool
//	12              int64; beyond its range a Decimal, so that no digit is lost
//	1.5, 1e3        float64
//	"…"             string; a lone surrogate or what is not UTF-8 becomes U+FFFD
//	[…]             []any, never nil
//	{…}             map[string]any, never nil; of equal keys the last one counts
//	{"__class__"…}  Decimal, Date, time.Time, TimeOfDay, time.Duration or []byte
//
// An object of a known class with missing or impossible parts is an error, one of an unknown class
// (PYSON's are) stays a map. A *SyntaxError tells where a text is not JSON; nesting deeper than
// 200 is one too, and so are more than two million values.
func Decode(raw []byte) (any, error) {
	p := parser{text: raw, object: typed, number: wireNumber}
	return p.whole()
}

// DecodeText is Decode without the turning of "__class__" objects into values: every object is a
// map, and a number with a fraction or exponent is a Decimal. It serves texts of PYSON.
func DecodeText(text string) (any, error) {
	p := parser{text: []byte(text), object: untyped, number: exactNumber}
	return p.whole()
}

// parser reads JSON by recursive descent.
type parser struct {
	text   []byte
	pos    int
	depth  int
	values int
	object func(map[string]any) (any, error) // what becomes of an object
	number func(text string) (any, error)    // what becomes of a number
}

func untyped(m map[string]any) (any, error) { return m, nil }

func (p *parser) whole() (any, error) {
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.skipSpace(); p.pos < len(p.text) {
		return nil, p.fail("text after the value")
	}
	return v, nil
}

func (p *parser) fail(problem string) error { return &SyntaxError{p.pos, problem} }

func (p *parser) skipSpace() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// peek is the next byte after white space, 0 at the end of the text.
func (p *parser) peek() byte {
	p.skipSpace()
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *parser) value() (any, error) {
	if p.values++; p.values > maxValues {
		return nil, p.fail("too many values")
	}
	switch c := p.peek(); {
	case c == '{':
		return p.nested(p.readObject)
	case c == '[':
		return p.nested(p.readList)
	case c == '"':
		return p.readString()
	case c == '-' || c >= '0' && c <= '9':
		return p.readNumber()
	}
	return p.literal()
}

func (p *parser) nested(read func() (any, error)) (any, error) {
	if p.depth == maxDepth {
		return nil, p.fail("nested too deeply")
	}
	p.depth++
	p.pos++ // the bracket
	v, err := read()
	p.depth--
	return v, err
}

func (p *parser) literal() (any, error) {
	rest := p.text[p.pos:]
	for _, l := range literals {
		if len(rest) >= len(l.text) && string(rest[:len(l.text)]) == l.text {
			p.pos += len(l.text)
			return l.value, nil
		}
	}
	if len(rest) == 0 {
		return nil, p.fail("the text ends early")
	}
	return nil, p.fail("a value is expected")
}

var literals = []struct {
	text  string
	value any
}{{"null", nil}, {"true", true}, {"false", false}}

// separator eats a comma (more) or the closing bracket (no more).
func (p *parser) separator(closing byte) (more bool, err error) {
	switch p.peek() {
	case ',':
		p.pos++
		return true, nil
	case closing:
		p.pos++
		return false, nil
	}
	return false, p.fail(fmt.Sprintf("a comma or %q is expected", closing))
}

func (p *parser) readList() (any, error) {
	list := []any{}
	if p.peek() == ']' {
		p.pos++
		return list, nil
	}
	for more := true; more; {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if more, err = p.separator(']'); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (p *parser) readObject() (any, error) {
	m := map[string]any{}
	if p.peek() == '}' {
		p.pos++
		return m, nil
	}
	for more := true; more; {
		if err := p.readMember(m); err != nil {
			return nil, err
		}
		var err error
		if more, err = p.separator('}'); err != nil {
			return nil, err
		}
	}
	return p.object(m)
}

func (p *parser) readMember(m map[string]any) error {
	if p.peek() != '"' {
		return p.fail("a name in quotes is expected")
	}
	key, err := p.readString()
	if err != nil {
		return err
	}
	if p.peek() != ':' {
		return p.fail("a colon is expected")
	}
	p.pos++
	m[key], err = p.value()
	return err
}

// readNumber follows JSON's grammar: no leading zeros, no lone point.
func (p *parser) readNumber() (any, error) {
	start := p.pos
	if p.text[p.pos] == '-' {
		p.pos++
	}
	if p.pos < len(p.text) && p.text[p.pos] == '0' {
		p.pos++
	} else if !p.digits() {
		return nil, p.fail("a digit is expected")
	}
	if p.eat(".") && !p.digits() {
		return nil, p.fail("a digit is expected")
	}
	if p.eat("eE") {
		p.eat("+-")
		if !p.digits() {
			return nil, p.fail("a digit is expected")
		}
	}
	v, err := p.number(string(p.text[start:p.pos]))
	if err != nil {
		p.pos = start
		return nil, p.fail(err.Error())
	}
	return v, nil
}

func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > start
}

func (p *parser) eat(anyOf string) bool {
	if p.pos < len(p.text) && strings.IndexByte(anyOf, p.text[p.pos]) >= 0 {
		p.pos++
		return true
	}
	return false
}

func wireNumber(text string) (any, error) {
	if !strings.ContainsAny(text, ".eE") {
		return integer(text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, fmt.Errorf("number %s is out of range", shorten(text))
	}
	return f, nil
}

func exactNumber(text string) (any, error) {
	if !strings.ContainsAny(text, ".eE") {
		return integer(text)
	}
	return Parse(text)
}

func integer(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	return Parse(text)
}
