package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"paytond/models"
)

// shape is what is compared of a value: of what kind it is, and of what its parts are. The elements of a list are one
// shape together, and so are values that stand in the same place in several of them. Null has no kind.
type shape struct {
	kinds    map[string]bool // "text", "number", "truth", "list", "object", or the __class__ of an object
	keys     map[string]*shape
	open     bool // keys were left out of the recording
	elements *shape
}

func shapeOf(v any) *shape {
	s := &shape{kinds: map[string]bool{}, keys: map[string]*shape{}}
	s.add(v)
	return s
}

func (s *shape) add(v any) {
	switch v := v.(type) {
	case nil:
	case string:
		s.kinds["text"] = true
	case json.Number:
		s.kinds["number"] = true
	case bool:
		s.kinds["truth"] = true
	case []any:
		s.addList(v)
	case map[string]any:
		s.addObject(v)
	default:
		panic(fmt.Sprintf("a %T in JSON", v))
	}
}

func (s *shape) addList(list []any) {
	s.kinds["list"] = true
	for _, v := range list {
		if isCut(v) {
			continue
		}
		if s.elements == nil {
			s.elements = shapeOf(nil)
		}
		s.elements.add(v)
	}
}

// isCut recognises "… 13 more", which stands for elements that were left out of the recording.
func isCut(v any) bool {
	text, _ := v.(string)
	return strings.HasPrefix(text, "… ") && strings.HasSuffix(text, " more")
}

func (s *shape) addObject(object map[string]any) {
	if class, ok := object["__class__"].(string); ok {
		s.kinds[class] = true
		return
	}
	s.kinds["object"] = true
	for k, v := range object {
		if k == cut {
			s.addCut(v.(string))
			continue
		}
		if s.keys[k] == nil {
			s.keys[k] = shapeOf(nil)
		}
		s.keys[k].add(v)
	}
}

// cut is the key under which the recording tells which keys it left out: "and code, name", or only how many: "84 more".
const cut = "…"

func (s *shape) addCut(text string) {
	names, ok := strings.CutPrefix(text, "and ")
	if !ok {
		s.open = true
		return
	}
	if rest, more := strings.CutSuffix(names, " …"); more {
		s.open, names = true, rest
	}
	for _, name := range strings.Split(names, ", ") {
		if s.keys[name] == nil {
			s.keys[name] = shapeOf(nil) // of no kind: it fits everything
		}
	}
}

func (s *shape) kind() string { return strings.Join(slices.Sorted(maps.Keys(s.kinds)), " or ") }

// comparison compares an answer with the recorded one.
type comparison struct {
	registry   *models.Registry
	note       func(place, what string) // for differences of the answer
	definition func(place, what string) // for those of the definition of a field: "model.field.attribute"
}

// byName are the methods whose result is an object with a key for each of many things, which need not be the same.
var byName = []string{"model.ir.model.get_names", "model.ir.model.access.get_access", "model.ir.ui.view_search.get_search"}

// exceptions are the names of errors that clients act on.
var exceptions = []string{"UserError", "UserWarning", "LoginException", "ConcurrencyException"}

// envelope compares two answers of a method.
func (c comparison) envelope(method string, theirs, mine map[string]any) {
	model := strings.TrimPrefix(method[:max(0, strings.LastIndexByte(method, '.'))], "model.")
	switch {
	case theirs["error"] != nil && mine["error"] != nil:
		a, b := theirs["error"].([]any), mine["error"].([]any)
		if a[0] != b[0] && (slices.Contains(exceptions, a[0].(string)) || slices.Contains(exceptions, b[0].(string))) {
			c.note("error", fmt.Sprintf("%q, not %q", b, a))
		}
	case strings.HasSuffix(method, ".fields_get"):
		a, _ := theirs["result"].(map[string]any)
		b, _ := mine["result"].(map[string]any)
		c.definitions("", model, a, b)
		return
	case strings.HasSuffix(method, ".fields_view_get") || strings.HasSuffix(method, ".get_preferences_fields_view"):
		a, _ := theirs["result"].(map[string]any)
		b, _ := mine["result"].(map[string]any)
		c.view("result", a, b)
		return
	}
	if slices.Contains(byName, method) {
		a, _ := theirs["result"].(map[string]any)
		b, _ := mine["result"].(map[string]any)
		c.shapes("result.*", together(a), together(b))
		return
	}
	a, b := shapeOf(theirs), shapeOf(mine)
	if view := wizardView(theirs); view != nil && wizardView(mine) != nil {
		c.view("result.view.fields_view", view, wizardView(mine))
		delete(a.keys["result"].keys["view"].keys, "fields_view")
		delete(b.keys["result"].keys["view"].keys, "fields_view")
	}
	c.shapes("", a, b)
}

// wizardView is the fields_view of a wizard's step, nil if there is none.
func wizardView(envelope map[string]any) map[string]any {
	result, _ := envelope["result"].(map[string]any)
	view, _ := result["view"].(map[string]any)
	fields, _ := view["fields_view"].(map[string]any)
	return fields
}

// shapes compares two values.
func (c comparison) shapes(place string, theirs, mine *shape) {
	if theirs == nil || mine == nil || len(theirs.kinds) == 0 || len(mine.kinds) == 0 {
		return
	}
	if theirs.kind() != mine.kind() {
		c.note(place, fmt.Sprintf("%s, not %s", mine.kind(), theirs.kind()))
	}
	for _, k := range slices.Sorted(maps.Keys(theirs.keys)) {
		if mine.keys[k] == nil && mine.kinds["object"] {
			c.note(place+"."+k, "is missing")
		} else {
			c.shapes(place+"."+k, theirs.keys[k], mine.keys[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(mine.keys)) {
		if theirs.keys[k] == nil && theirs.kinds["object"] && !theirs.open {
			c.note(place+"."+k, "is added")
		}
	}
	c.shapes(place+"[]", theirs.elements, mine.elements)
}

// together is the shape of an object's values, whatever their keys.
func together(object map[string]any) *shape {
	all := shapeOf(nil)
	for k, v := range object {
		if k != cut {
			all.add(v)
		}
	}
	return all
}

// view compares two answers of fields_view_get: all but the fields by their shape, and the fields one by one.
func (c comparison) view(place string, theirs, mine map[string]any) {
	without := func(view map[string]any) *shape {
		rest := maps.Clone(view)
		delete(rest, "fields")
		return shapeOf(rest)
	}
	c.shapes(place, without(theirs), without(mine))
	model, _ := theirs["model"].(string)
	a, _ := theirs["fields"].(map[string]any)
	b, _ := mine["fields"].(map[string]any)
	c.definitions(place+".fields", model, a, b)
}

// definitions compares the definitions of a model's fields. Those of a view (place is not empty) may be others than the
// peer's: that is noted at the place. Those of a whole model may not.
func (c comparison) definitions(place, model string, theirs, mine map[string]any) {
	for name := range shapeOf(theirs).keys {
		if _, ok := mine[name].(map[string]any); !ok && place != "" {
			c.note(place+"."+name, "is missing")
		} else if !ok {
			c.definition(model+"."+name, "is missing")
		}
	}
	known, open := shapeOf(theirs), false
	open = known.open
	for name, d := range mine {
		if known.keys[name] == nil && !open {
			if place != "" {
				c.note(place+"."+name, "is added")
			} else {
				c.definition(model+"."+name, "is added")
			}
		}
		a, ok := theirs[name].(map[string]any)
		if b, both := d.(map[string]any); ok && both {
			c.field(model+"."+name, a, b)
		}
	}
}

// field compares the definitions of one field, and of those of its relation.
func (c comparison) field(place string, theirs, mine map[string]any) {
	attributes := func(d map[string]any) *shape {
		rest := maps.Clone(d)
		delete(rest, "relation_fields")
		delete(rest, "views")
		return shapeOf(rest)
	}
	own := c
	own.note = c.definition
	own.shapes(place, attributes(theirs), attributes(mine))
	for _, k := range []string{"relation_fields", "views"} {
		if (theirs[k] == nil) != (mine[k] == nil) {
			c.definition(place+"."+k, fmt.Sprintf("is there: %t, not %t", mine[k] != nil, theirs[k] != nil))
		}
	}
	relation, _ := theirs["relation"].(string)
	a, _ := theirs["relation_fields"].(map[string]any)
	b, ok := mine["relation_fields"].(map[string]any)
	if a != nil && ok {
		c.definitions("", relation, a, b)
	}
	views, _ := theirs["views"].(map[string]any)
	ours, _ := mine["views"].(map[string]any)
	for kind, view := range views {
		if own, ok := ours[kind].(map[string]any); ok {
			c.view(place+".views."+kind, view.(map[string]any), own)
		} else if kind == "tree" || kind == "form" {
			c.definition(place+".views."+kind, "is missing")
		}
	}
}
