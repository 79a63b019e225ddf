package stripe

import (
	"encoding/json"
	"fmt"
	"time"
)

// ref is what Stripe calls expandable: the id of an object, or the object itself.
type ref struct {
	ID  string
	Raw json.RawMessage // the object, where it was expanded
}

// UnmarshalJSON takes a string, an object or null; anything else is read as absent.
func (r *ref) UnmarshalJSON(b []byte) error {
	*r = ref{}
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		return json.Unmarshal(b, &r.ID)
	case '{':
		r.ID, r.Raw = objectID(b), append(json.RawMessage{}, b...)
	}
	return nil
}

// typeOf is the member "type" of an object, "" where there is none.
func typeOf(raw json.RawMessage) string {
	var w struct{ Type string }
	if len(raw) == 0 || json.Unmarshal(raw, &w) != nil {
		return ""
	}
	return w.Type
}

// unixTime is Stripe's seconds since the epoch; 0 and null are the zero time.
type unixTime struct{ time.Time }

// UnmarshalJSON reads whole seconds.
func (t *unixTime) UnmarshalJSON(b []byte) error {
	var n *int64
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	t.Time = time.Time{}
	if n != nil && *n != 0 {
		t.Time = time.Unix(*n, 0).UTC()
	}
	return nil
}

// decodeObject reads raw into the wire form of an object and checks that it is an object of that kind.
func decodeObject(raw []byte, kind string, into any) error {
	var head struct {
		Object string `json:"object"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return fmt.Errorf("read a %s: %w", kind, err)
	}
	if head.Object != kind {
		return fmt.Errorf("read a %s: it is a %q", kind, head.Object)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read a %s: %w", kind, err)
	}
	return nil
}

// listPage is one page of any list.
type listPage struct {
	Data    []json.RawMessage `json:"data"`
	HasMore bool              `json:"has_more"`
}

func decodePage(raw []byte) (listPage, error) {
	var p listPage
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("read a list: %w", err)
	}
	return p, nil
}

// decodeAll decodes every member of a list.
func decodeAll[T any](raws []json.RawMessage, decode func([]byte) (T, error)) ([]T, error) {
	all := make([]T, 0, len(raws))
	for _, raw := range raws {
		one, err := decode(raw)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
