package paper

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Document is what is printed: sheets that begin on pages of their own.
type Document struct {
	Title    string    // of the file
	Author   string    // who gives it out
	Language string    // code as "pt_BR", of the whole; a sheet may have another
	Made     time.Time // when
	Sheets   []Sheet
}

// Sheet is one record's part of a document. What is empty is left out.
type Sheet struct {
	Language   string
	From, To   []string // who writes to whom: name first, then the lines of the address
	Head, Foot string   // what the sender has at the top and at the foot of each page
	Title      string
	Subtitle   string
	Highlight  Fact // what the reader looks for first
	Facts      []Fact
	Tables     []Table
	Notes      []string
	Page       string // "Page %d of %d"
}

// Fact is a value with its label; Strong ones stand out.
type Fact struct {
	Label, Value string
	Strong       bool
}

// Table is rows under columns, with facts as sums below them.
type Table struct {
	Title   string
	Columns []Column
	Rows    [][]string
	Sums    []Fact
}

// Column heads the cells of a table. Share is its part of the width; Right
// aligns numbers.
type Column struct {
	Label string
	Share float64
	Right bool
}

// clean is a text as it is printed: composed letters, and nothing that is not seen.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case r == unicode.ReplacementChar || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF':
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(text, "")))
}

// tidy is the document with all its texts cleaned.
func (d *Document) tidy() *Document {
	own := *d
	own.Title, own.Author = clean(d.Title), clean(d.Author)
	own.Sheets = make([]Sheet, len(d.Sheets))
	for i := range d.Sheets {
		own.Sheets[i] = d.Sheets[i].tidy(d.Language)
	}
	return &own
}

func (s Sheet) tidy(language string) Sheet {
	if s.Language == "" {
		s.Language = language
	}
	s.Language = strings.ReplaceAll(s.Language, "_", "-")
	s.From, s.To, s.Notes = cleanAll(s.From), cleanAll(s.To), cleanAll(s.Notes)
	s.Head, s.Foot, s.Title, s.Subtitle = clean(s.Head), clean(s.Foot), clean(s.Title), clean(s.Subtitle)
	s.Highlight, s.Facts = s.Highlight.tidy(), tidyFacts(s.Facts)
	tables := make([]Table, len(s.Tables))
	for i, t := range s.Tables {
		t.Title, t.Sums = clean(t.Title), tidyFacts(t.Sums)
		rows := make([][]string, len(t.Rows))
		for n, row := range t.Rows {
			rows[n] = cleanAll(row)
		}
		t.Rows = rows
		tables[i] = t
	}
	s.Tables = tables
	return s
}

func (f Fact) tidy() Fact { return Fact{clean(f.Label), clean(f.Value), f.Strong} }

// tidyFacts are the facts that have a value.
func tidyFacts(facts []Fact) []Fact {
	var list []Fact
	for _, f := range facts {
		if f = f.tidy(); strings.TrimSpace(f.Value) != "" {
			list = append(list, f)
		}
	}
	return list
}

func cleanAll(texts []string) []string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = clean(text)
	}
	return list
}
