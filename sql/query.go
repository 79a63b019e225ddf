package sql

import (
	"fmt"
	"strconv"
	"strings"
)

// F is a piece of SQL text with a ? for each of its arguments. A literal ?
// cannot appear in the text. The zero F is the absence of a condition.
type F struct {
	Text string
	Args []any
}

// longList is the length from which a list of ids is written into the text,
// because databases limit the number of arguments (SQLite: 32766).
const longList = 1000

// SQL makes an F of text and one argument for each ? in it. An argument that is
// an F is spliced in at its ?, a []F is joined with ", ", and a []int64, []string
// or []any is spread to a comma list, as in `id IN (?)`.
//
// An empty list is spread to NULL, with which IN is never true, but NOT IN is
// never true either: callers decide about an empty list themselves.
//
// SQL panics when the numbers of ? and of arguments differ: text is written by
// programmers.
func SQL(text string, args ...any) F {
	pieces := strings.Split(text, "?")
	if len(pieces) != len(args)+1 {
		panic(fmt.Sprintf("sql: %d arguments for %d places in %q", len(args), len(pieces)-1, text))
	}
	var b strings.Builder
	var flat []any
	b.WriteString(pieces[0])
	for i, arg := range args {
		piece := place(arg)
		b.WriteString(piece.Text)
		flat = append(flat, piece.Args...)
		b.WriteString(pieces[i+1])
	}
	return F{Text: b.String(), Args: flat}
}

// place is what stands for an argument in the text.
func place(arg any) F {
	switch arg := arg.(type) {
	case F:
		return arg
	case []F:
		return Join(arg, ", ")
	case []int64:
		if len(arg) >= longList {
			return F{Text: literals(arg)}
		}
		return spread(arg)
	case []string:
		return spread(arg)
	case []any:
		return spread(arg)
	}
	return F{Text: "?", Args: []any{arg}}
}

func spread[T any](list []T) F {
	if len(list) == 0 {
		return F{Text: "NULL"}
	}
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = v
	}
	return F{Text: strings.Repeat("?, ", len(list)-1) + "?", Args: args}
}

func literals(ids []int64) string {
	b := make([]byte, 0, len(ids)*8)
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(b)
}

// IsZero reports whether f has no text.
func (f F) IsZero() bool { return f.Text == "" }

// Join puts sep between the parts that are not zero.
func Join(parts []F, sep string) F {
	var b strings.Builder
	var args []any
	for _, p := range parts {
		if p.IsZero() {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(sep)
		}
		b.WriteString(p.Text)
		args = append(args, p.Args...)
	}
	return F{Text: b.String(), Args: args}
}

// And is true when all parts are; zero parts do not count, no part at all is TRUE.
func And(parts ...F) F { return connect(parts, " AND ", "TRUE") }

// Or is true when one of the parts is; zero parts do not count, no part at all is FALSE.
func Or(parts ...F) F { return connect(parts, " OR ", "FALSE") }

func connect(parts []F, sep, empty string) F {
	var kept []F
	for _, p := range parts {
		if !p.IsZero() {
			kept = append(kept, p)
		}
	}
	switch len(kept) {
	case 0:
		return F{Text: empty}
	case 1:
		return kept[0]
	}
	for i, p := range kept {
		kept[i] = F{Text: "(" + p.Text + ")", Args: p.Args}
	}
	return Join(kept, sep)
}

// Not is the SQL negation: unknown (NULL) stays unknown. Not of a zero F is FALSE.
func Not(f F) F {
	if f.IsZero() {
		return F{Text: "FALSE"}
	}
	return F{Text: "NOT (" + f.Text + ")", Args: f.Args}
}

// Quote makes an SQL identifier of a name.
func Quote(identifier string) string {
	return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"`
}

// render writes the places as one database has them, and binds the arguments for it.
func (f F) render(place func(n int) string, bind func(any) (any, error)) (string, []any, error) {
	pieces := strings.Split(f.Text, "?")
	if len(pieces) != len(f.Args)+1 {
		return "", nil, fmt.Errorf("sql: %d arguments for %d places in %q", len(f.Args), len(pieces)-1, f.Text)
	}
	args := make([]any, len(f.Args))
	var b strings.Builder
	b.WriteString(pieces[0])
	for i, arg := range f.Args {
		v, err := bind(arg)
		if err != nil {
			return "", nil, fmt.Errorf("sql: argument %d of %q: %w", i+1, f.Text, err)
		}
		args[i] = v
		b.WriteString(place(i + 1))
		b.WriteString(pieces[i+1])
	}
	return b.String(), args, nil
}
