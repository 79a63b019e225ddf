package paper_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models/paper"
	"paytond/models/paper/papertest"
)

// PAYTOND_LOOK names a directory where what the tests print is kept, for who wants to look at it.
func keep(t *testing.T, name string, content []byte) {
	if dir := os.Getenv("PAYTOND_LOOK"); dir != "" {
		if err := os.WriteFile(dir+"/"+name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func receipt() paper.Sheet {
	return paper.Sheet{Language: "de_AT",
		From: []string{"Café Größe GmbH", "Hauptstraße 5", "10115 Berlin"}, To: []string{"Łukasz Ångström", "12 rue de l'Église", "75001 PARIS"},
		Foot: "HRB 1234, Amtsgericht Berlin", Title: "Quittung", Subtitle: "Zahlung 12", Page: "Seite %d von %d",
		Highlight: paper.Fact{Label: "Bezahlt", Value: "1.234,50\u00a0€"},
		Facts:     []paper.Fact{{Label: "Datum", Value: "25.11.2026"}, {Label: "Leer"}, {Label: "Wofür", Value: "Ελλάδα, Київ & <mehr>", Strong: true}},
		Tables: []paper.Table{{Title: "Rückzahlungen", Columns: []paper.Column{{Label: "Stand", Share: 2}, {Label: "Betrag", Share: 1, Right: true}},
			Rows: [][]string{{"Zurückgezahlt", "34,50\u00a0€"}}, Sums: []paper.Fact{{Label: "Bleibt", Value: "1.200,00\u00a0€", Strong: true}}}},
		Notes: []string{"Vielen Dank.\nBis bald."}}
}

func document(sheets ...paper.Sheet) *paper.Document {
	return &paper.Document{Title: "T", Author: "A", Language: "de", Made: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), Sheets: sheets}
}

func pdf(t *testing.T, name string, d *paper.Document) []byte {
	t.Helper()
	content, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, name+".pdf", content)
	return content
}

func html(t *testing.T, name string, d *paper.Document) string {
	t.Helper()
	content, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, name+".html", content)
	return string(content)
}

func TestBothFormsSayTheSame(t *testing.T) {
	d := document(receipt())
	want := []string{"Hauptstraße 5", "Café Größe GmbH 10115 Berlin", "Łukasz Ångström", "12 rue de l'Église", "75001 PARIS", "Quittung", "Zahlung 12",
		"Bezahlt 1.234,50 €", "Datum 25.11.2026", "Wofür Ελλάδα, Київ & <mehr>", "Rückzahlungen", "Stand Betrag", "Zurückgezahlt 34,50 €",
		"Bleibt 1.200,00 €", "Vielen Dank.", "Bis bald.", "HRB 1234, Amtsgericht Berlin Seite 1 von 1"}
	if diff := cmp.Diff(want, papertest.Text(t, pdf(t, "both", d))); diff != "" {
		t.Errorf("PDF (-want +got):\n%s", diff)
	}
	page := html(t, "both", d)
	seen := strings.Join(slices.Concat([]string{"T Café Größe GmbH Hauptstraße 5 10115 Berlin"}, want[2:]), " ")
	seen = strings.Replace(seen, " Seite 1 von 1", "", 1)
	if diff := cmp.Diff(strings.Fields(seen), strings.Fields(strings.Join(papertest.HTML(t, page), " "))); diff != "" {
		t.Errorf("HTML (-want +got):\n%s", diff)
	}
	if !strings.Contains(page, `<section lang="de-AT">`) || !strings.Contains(page, `<html lang="de">`) {
		t.Error("the page does not tell its language")
	}
}

// The same document is the same file, byte by byte.
func TestSameDocumentSameFile(t *testing.T) {
	if a, b := pdf(t, "same", document(receipt())), pdf(t, "same", document(receipt())); !slices.Equal(a, b) {
		t.Error("two files of one document differ")
	}
}

func TestHostileTexts(t *testing.T) {
	for name, text := range map[string]string{
		"html":      `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{.Title}}</title></style>`,
		"long word": strings.Repeat("x", 3000), "long text": strings.Repeat("many words ", 2000), "lines": strings.Repeat("line\n", 500),
		"controls": "a\x00b\x1b[31mc\u202etxt.exe\u2066\ufeff\x7f", "not UTF-8": "a\xff\xfeb", "emoji": "Danke 🎉❤️👍🏽", "blanks": "a\u202f\u2003\u3000b",
		"aliases": "{nb} {nb1} %d %s %!", "decomposed": "Cafe\u0301", "pdf": `(\) Tj ET /F1 <</JS (app.alert(1))>> endobj`, "empty": "", "blank": " \n \n",
	} {
		t.Run(name, func(t *testing.T) {
			s := receipt()
			s.Head, s.Foot, s.Title, s.Subtitle = text, text, text, text
			s.From, s.To = append(slices.Repeat([]string{text}, 30), "end"), slices.Repeat([]string{text}, 30)
			s.Highlight = paper.Fact{Label: text, Value: text}
			s.Facts = []paper.Fact{{Label: text, Value: text}}
			s.Notes = []string{text}
			s.Tables[0].Title, s.Tables[0].Rows = text, [][]string{{text, text}, {"x", "1"}}
			s.Tables[0].Sums = []paper.Fact{{Label: text, Value: text}}
			d := document(s)
			d.Title, d.Author = text, text
			file := pdf(t, "hostile", d)
			said := strings.Join(papertest.Text(t, file), "\n")
			if strings.ContainsAny(said, "\x00\x1b\u202e") {
				t.Error("what is not to be seen is in the PDF")
			}
			if name == "decomposed" && !strings.Contains(said, "Café") {
				t.Errorf("the letters are not composed: %s", said)
			}
			page := html(t, "hostile", d)
			papertest.HTML(t, page)
			if strings.ContainsAny(page, "\x00\x1b\u202e") {
				t.Error("what is not to be seen is in the page")
			}
		})
	}
}

// What the font has no letters for is not printed as something else.
func TestForeignLettersAreRefused(t *testing.T) {
	for _, text := range []string{"山田太郎", "عليّ", "ग", "𝐀", "ไทย"} {
		s := receipt()
		s.To = []string{text}
		_, err := document(s).PDF()
		if letters, ok := errors.AsType[*paper.LettersError](err); !ok || letters.Text != text {
			t.Errorf("%q: %v", text, err)
		}
		if said := papertest.HTML(t, html(t, "foreign", document(s))); !slices.Contains(said, text) {
			t.Errorf("%q is not in the page", text)
		}
	}
}

// A long table goes on, under the same heads, and each sheet counts its own pages.
func TestPages(t *testing.T) {
	long := receipt()
	long.Tables[0].Rows = nil
	for i := range 200 {
		long.Tables[0].Rows = append(long.Tables[0].Rows, []string{fmt.Sprintf("row %d", i), "1"})
	}
	said := papertest.Text(t, pdf(t, "pages", document(receipt(), long, receipt())))
	count := func(prefix string) (n int) {
		for _, line := range said {
			if strings.HasPrefix(line, prefix) {
				n++
			}
		}
		return n
	}
	var numbers []string
	for _, line := range said {
		if i := strings.Index(line, "Seite "); i >= 0 {
			numbers = append(numbers, line[i:])
		}
	}
	if want := []string{"Seite 1 von 1", "Seite 1 von 7", "Seite 2 von 7", "Seite 3 von 7", "Seite 4 von 7", "Seite 5 von 7", "Seite 6 von 7", "Seite 7 von 7", "Seite 1 von 1"}; !slices.Equal(want, numbers) {
		t.Errorf("pages %q", numbers)
	}
	if rows, heads := count("row "), count("Stand"); rows != 200 || heads < 7 {
		t.Errorf("%d rows, %d heads", rows, heads)
	}
}

// An amount that is wider than its place is written smaller, never cut.
func TestAmountsAreWhole(t *testing.T) {
	const amount = "-123\u00a0456\u00a0789\u00a0012\u00a0345\u00a0678,901\u00a0KWD"
	s := receipt()
	s.Highlight.Value = amount
	s.Tables[0].Columns = append(s.Tables[0].Columns, paper.Column{Label: "C", Share: 20})
	s.Tables[0].Rows = [][]string{{"row", amount, "x"}}
	s.Tables[0].Sums[0].Value = amount
	said := strings.ReplaceAll(strings.Join(papertest.Text(t, pdf(t, "amounts", document(s))), "\n"), "\u00a0", " ")
	if n := strings.Count(said, strings.ReplaceAll(amount, "\u00a0", " ")); n != 3 {
		t.Errorf("the amount stands there %d times:\n%s", n, said)
	}
}

// Documents are made at once for several users, of one font.
func TestSeveralAtOnce(t *testing.T) {
	want := pdf(t, "alone", document(receipt()))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got, err := document(receipt()).PDF(); err != nil || !slices.Equal(got, want) {
				t.Errorf("another file, or %v", err)
			}
		})
	}
	group.Wait()
}
