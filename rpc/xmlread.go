package rpc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"

	"paytond/models/value"
)

// maxXMLDepth bounds how deep values are nested; JSON's are bounded as well.
const maxXMLDepth = 200

// readXMLCall reads a methodCall: its name, and the parameters as JSON.
func readXMLCall(body []byte) (name string, params json.RawMessage, err error) {
	p := &xmlReader{Decoder: xml.NewDecoder(bytes.NewReader(body))}
	p.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		encoding, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return encoding.NewDecoder().Reader(r), nil
	}
	if err := p.open("methodCall"); err != nil {
		return "", nil, err
	}
	if err := p.open("methodName"); err != nil {
		return "", nil, err
	}
	if name, err = p.text("methodName"); err != nil {
		return "", nil, err
	}
	params = []byte("[")
	err = p.children("methodCall", map[string]func() error{"params": func() error {
		return p.children("params", map[string]func() error{"param": func() error {
			if len(params) > 1 {
				params = append(params, ',')
			}
			return p.children("param", map[string]func() error{"value": func() (err error) {
				params, err = p.value(params, 0)
				return err
			}})
		}})
	}})
	if name == "" && err == nil {
		err = errors.New("it names no method")
	}
	return strings.TrimSpace(name), append(params, ']'), err
}

// xmlReader reads elements. Each method begins after the start of an element
// and ends after its end.
type xmlReader struct{ *xml.Decoder }

// open reads up to the start of an element, which must be the named one.
func (p *xmlReader) open(name string) error {
	for {
		token, err := p.Token()
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name.Local != name {
				return fmt.Errorf("<%s> in the place of <%s>", start.Name.Local, name)
			}
			return nil
		}
	}
}

// children reads the elements in an element.
func (p *xmlReader) children(parent string, read map[string]func() error) error {
	for {
		token, err := p.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			child := read[token.Name.Local]
			if child == nil {
				return fmt.Errorf("<%s> in <%s>", token.Name.Local, parent)
			}
			if err := child(); err != nil {
				return err
			}
		}
	}
}

// text reads the text of an element without others in it.
func (p *xmlReader) text(parent string) (string, error) {
	var text strings.Builder
	for {
		token, err := p.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.EndElement:
			return text.String(), nil
		case xml.StartElement:
			return "", fmt.Errorf("<%s> in <%s>", token.Name.Local, parent)
		}
	}
}

// value adds the JSON of a value.
func (p *xmlReader) value(dst []byte, depth int) ([]byte, error) {
	if depth > maxXMLDepth {
		return nil, errors.New("values are nested too deep")
	}
	var text strings.Builder
	typed := false
	for {
		token, err := p.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			if typed {
				return nil, errors.New("a <value> has two types")
			}
			typed = true
			if dst, err = p.typed(dst, token.Name.Local, depth); err != nil {
				return nil, err
			}
		case xml.EndElement:
			if typed {
				return dst, nil
			}
			return value.Append(dst, text.String())
		}
	}
}

// typed adds the JSON of what an element of a type holds.
func (p *xmlReader) typed(dst []byte, kind string, depth int) (_ []byte, err error) {
	switch kind {
	case "array":
		dst = append(dst, '[')
		begin := len(dst)
		err = p.children(kind, map[string]func() error{"data": func() error {
			return p.children("data", map[string]func() error{"value": func() (err error) {
				if len(dst) > begin {
					dst = append(dst, ',')
				}
				dst, err = p.value(dst, depth+1)
				return err
			}})
		}})
		return append(dst, ']'), err
	case "struct":
		return p.members(dst, depth)
	}
	text, err := p.text(kind)
	if err != nil {
		return nil, err
	}
	v, err := xmlScalarValue(kind, text)
	if err != nil {
		return nil, fmt.Errorf("<%s>: %w", kind, err)
	}
	if n, ok := v.(*big.Int); ok {
		return n.Append(dst, 10), nil
	}
	return value.Append(dst, v)
}

// members adds the JSON of a structure. Of two members with a name the last counts.
func (p *xmlReader) members(dst []byte, depth int) ([]byte, error) {
	members := map[string][]byte{}
	err := p.children("struct", map[string]func() error{"member": func() error {
		name, v, named := "", []byte(nil), false
		err := p.children("member", map[string]func() error{
			"name":  func() (err error) { named = true; name, err = p.text("name"); return err },
			"value": func() (err error) { v, err = p.value(nil, depth+1); return err },
		})
		if err == nil && (!named || v == nil) {
			err = errors.New("a <member> lacks its name or value")
		}
		members[name] = v
		return err
	}})
	if err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = value.Append(dst, name); err != nil {
			return nil, err
		}
		dst = append(append(dst, ':'), members[name]...)
	}
	return append(dst, '}'), nil
}

// longestNumber bounds the digits of a number: reading one takes time that grows faster than it.
const longestNumber = 400

// xmlScalarValue reads a text of a type: those of XML-RPC, and those that Python has besides.
func xmlScalarValue(kind, text string) (any, error) {
	bare := strings.TrimSpace(text)
	if kind != "string" && kind != "base64" && len(bare) > longestNumber {
		return nil, errors.New("it is too long")
	}
	switch kind {
	case "string":
		return text, nil
	case "nil":
		return nil, nil
	case "boolean":
		if bare != "0" && bare != "1" {
			return nil, errors.New("neither 0 nor 1")
		}
		return bare == "1", nil
	case "int", "i1", "i2", "i4", "i8", "biginteger":
		n, ok := new(big.Int).SetString(bare, 10)
		if !ok {
			return nil, errors.New("no whole number")
		}
		return n, nil
	case "double", "float":
		return strconv.ParseFloat(bare, 64)
	case "bigdecimal":
		return value.Parse(bare)
	case "base64":
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	case "dateTime.iso8601":
		for _, layout := range []string{xmlTime, "2006-01-02T15:04:05", xmlTime + "Z07:00", time.RFC3339} {
			if t, err := time.Parse(layout, bare); err == nil {
				return t.UTC(), nil
			}
		}
		return nil, errors.New("no point in time")
	}
	return nil, errors.New("there is no such type")
}
