package simulator

import (
	"crypto/rand"
	"encoding/json"
	"strings"
)

// text is a string that is null on the wire when it is empty.
type text string

// MarshalJSON writes null for "".
func (t text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// stamp is a time in Unix seconds that is null on the wire when it is 0.
type stamp int64

// MarshalJSON writes null for 0.
func (s stamp) MarshalJSON() ([]byte, error) {
	if s == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int64(s))
}

// metadata is never null on the wire.
type metadata map[string]string

// MarshalJSON writes {} for nil.
func (m metadata) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]string(m))
}

// merged applies an update: an empty value removes its key.
func (m metadata) merged(update map[string]string) metadata {
	out := metadata{}
	for k, v := range m {
		out[k] = v
	}
	for k, v := range update {
		if v == "" {
			delete(out, k)
		} else {
			out[k] = v
		}
	}
	return out
}

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// randomText returns n random letters and digits.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = idAlphabet[int(b[i])%len(idAlphabet)]
	}
	return string(b)
}

func newID(prefix string) string { return prefix + "_" + randomText(24) }

// address is a postal address.
type address struct {
	City       text `json:"city"`
	Country    text `json:"country"`
	Line1      text `json:"line1"`
	Line2      text `json:"line2"`
	PostalCode text `json:"postal_code"`
	State      text `json:"state"`
}

// billing is who pays.
type billing struct {
	Address address `json:"address"`
	Email   text    `json:"email"`
	Name    text    `json:"name"`
	Phone   text    `json:"phone"`
}

// list is Stripe's envelope of many objects.
type list struct {
	Object  string `json:"object"`
	Data    []any  `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

// table keeps objects by id, in the order in which they were created.
type table[T any] struct {
	Rows  map[string]T `json:"rows"`
	Order []string     `json:"order"`
}

func (t *table[T]) put(id string, row T) {
	if t.Rows == nil {
		t.Rows = map[string]T{}
	}
	if _, ok := t.Rows[id]; !ok {
		t.Order = append(t.Order, id)
	}
	t.Rows[id] = row
}

func (t *table[T]) get(id string) (T, bool) {
	row, ok := t.Rows[id]
	return row, ok
}

// newestFirst lists what keep accepts; nil accepts all.
func (t *table[T]) newestFirst(keep func(T) bool) []T {
	var out []T
	for i := len(t.Order) - 1; i >= 0; i-- {
		if row, ok := t.Rows[t.Order[i]]; ok && (keep == nil || keep(row)) {
			out = append(out, row)
		}
	}
	return out
}

func (t *table[T]) remove(id string) {
	delete(t.Rows, id)
	for i, one := range t.Order {
		if one == id {
			t.Order = append(t.Order[:i], t.Order[i+1:]...)
			return
		}
	}
}

// toMap turns an object into its wire form, without what is the simulator's own.
func toMap(object any) map[string]any {
	raw, err := json.Marshal(object)
	if err != nil {
		panic("simulator: an object that cannot be written: " + err.Error())
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		panic("simulator: an object that is none: " + err.Error())
	}
	stripOwn(m)
	return m
}

// ownKey holds what the simulator knows of an object and Stripe would not tell.
const ownKey = "_simulator"

func stripOwn(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, ownKey)
		for _, one := range v {
			stripOwn(one)
		}
	case []any:
		for _, one := range v {
			stripOwn(one)
		}
	}
}
