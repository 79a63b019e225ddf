package simulator

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// params reads a request's form parameters. Each one that a handler asks for is noted; what nobody asked for is an unknown parameter.
// The first fault found is kept in err, so that a handler can read all and check once.
type params struct {
	values map[string]string   // "amount", "card[number]", "metadata[order]"
	lists  map[string][]string // "expand", "payment_method_types"
	used   map[string]bool
	err    *apiError
}

var keyShape = regexp.MustCompile(`^[^\[\]]+(\[[^\[\]]*\])*$`)

// parseParams reads a form: a[b][0] and a[b][] are members of the list a[b].
func parseParams(form url.Values) *params {
	p := &params{values: map[string]string{}, lists: map[string][]string{}, used: map[string]bool{}}
	keys := make([]string, 0, len(form))
	for key := range form {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool { return naturalLess(keys[i], keys[j]) })
	for _, key := range keys {
		if !keyShape.MatchString(key) {
			p.fail(invalidParam("", "Invalid parameter name: "+key, key))
			continue
		}
		if base, ok := listBase(key); ok {
			p.lists[base] = append(p.lists[base], form[key]...)
			continue
		}
		p.values[key] = form[key][len(form[key])-1]
	}
	return p
}

// naturalLess keeps a[2] before a[10].
func naturalLess(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// listBase finds the list that a key belongs to: its last bracket is empty or a number. Metadata keys may be numbers.
func listBase(key string) (string, bool) {
	open := strings.LastIndexByte(key, '[')
	if open < 0 || strings.HasPrefix(key, "metadata[") {
		return "", false
	}
	index := strings.TrimSuffix(key[open+1:], "]")
	if index != "" {
		if _, err := strconv.Atoi(index); err != nil {
			return "", false
		}
	}
	return key[:open], true
}

func (p *params) fail(err *apiError) {
	if p.err == nil {
		p.err = err
	}
}

// has tells whether a parameter, or any below it, was sent; it does not note it as read.
func (p *params) has(name string) bool {
	if _, ok := p.values[name]; ok {
		return true
	}
	if _, ok := p.lists[name]; ok {
		return true
	}
	for key := range p.values {
		if strings.HasPrefix(key, name+"[") {
			return true
		}
	}
	return false
}

// str reads a text; "" when absent.
func (p *params) str(name string) string {
	p.used[name] = true
	return strings.TrimSpace(p.values[name])
}

// given reads a text and tells whether it was sent at all, so that an empty one can clear a field.
func (p *params) given(name string) (string, bool) {
	v, ok := p.values[name]
	p.used[name] = true
	return strings.TrimSpace(v), ok
}

// required reads a text that must be there.
func (p *params) required(name string) string {
	v, ok := p.given(name)
	switch {
	case !ok:
		p.fail(missingParam(name))
	case v == "":
		p.fail(invalidParam("parameter_invalid_empty", fmt.Sprintf(
			"You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.",
			name, name, name), name))
	}
	return v
}

// enum reads one of the allowed texts; "" when absent.
func (p *params) enum(name string, allowed ...string) string {
	v, ok := p.given(name)
	if !ok {
		return ""
	}
	if !slices.Contains(allowed, v) {
		p.fail(invalidParam("", fmt.Sprintf("Invalid %s: must be one of %s", name, strings.Join(allowed, ", ")), name))
	}
	return v
}

// integer reads a whole number; def when absent.
func (p *params) integer(name string, def int64) int64 {
	v, ok := p.given(name)
	if !ok {
		return def
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		p.fail(invalidParam("parameter_invalid_integer", "Invalid integer: "+v, name))
	}
	return n
}

// boolean reads true or false; false when absent.
func (p *params) boolean(name string) bool {
	v, ok := p.given(name)
	switch {
	case !ok, v == "false", v == "0":
		return false
	case v == "true", v == "1":
		return true
	}
	p.fail(invalidParam("", "Invalid boolean: "+v, name))
	return false
}

// list reads a list of texts; a single empty text means an empty list.
func (p *params) list(name string) []string {
	p.used[name] = true
	if v, ok := p.values[name]; ok {
		if v != "" {
			p.fail(invalidParam("", "Invalid array", name))
		}
		return nil
	}
	return p.lists[name]
}

// hash reads the members of a hash of texts, such as metadata; an empty text for the whole clears it.
func (p *params) hash(name string) map[string]string {
	out := map[string]string{}
	for key, v := range p.values {
		if inner, ok := strings.CutPrefix(key, name+"["); ok {
			inner = strings.TrimSuffix(inner, "]")
			p.used[key] = true
			out[inner] = v
		}
	}
	p.used[name] = true
	return out
}

// metadata reads the metadata hash within Stripe's limits.
func (p *params) metadata() map[string]string {
	m := p.hash("metadata")
	if len(m) > 50 {
		p.fail(invalidParam("", "You can only have up to 50 keys in metadata", "metadata"))
	}
	for k, v := range m {
		switch {
		case len(k) > 40:
			p.fail(invalidParam("", "Metadata keys can have up to 40 characters, but you passed in a key that is "+strconv.Itoa(len(k))+" characters", "metadata"))
		case len([]rune(v)) > 500:
			p.fail(invalidParam("", "Metadata values can have up to 500 characters, but you passed in a value that is "+strconv.Itoa(len([]rune(v)))+" characters", "metadata["+k+"]"))
		}
	}
	return m
}

// ignore notes parameters that are accepted without effect here, with everything below them.
func (p *params) ignore(names ...string) {
	for _, name := range names {
		p.used[name] = true
		for key := range p.values {
			if strings.HasPrefix(key, name+"[") {
				p.used[key] = true
			}
		}
		for key := range p.lists {
			if strings.HasPrefix(key, name+"[") {
				p.used[key] = true
			}
		}
	}
}

// finish is the end of reading: the first fault, or an unknown parameter.
func (p *params) finish() *apiError {
	if p.err != nil {
		return p.err
	}
	var unknown []string
	for key := range p.values {
		if !p.used[key] {
			unknown = append(unknown, key)
		}
	}
	for key := range p.lists {
		if !p.used[key] {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	sort.Strings(unknown)
	message := "Received unknown parameter: " + unknown[0]
	if len(unknown) > 1 {
		message = "Received unknown parameters: " + strings.Join(unknown, ", ")
	}
	return invalidParam("parameter_unknown", message, unknown[0])
}
