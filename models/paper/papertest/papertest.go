// Package papertest reads what documents say, for tests.
package papertest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Text is what a PDF says, line by line as it is laid out, without empty lines and with single blanks. The test is
// skipped where there is no pdftotext (Debian's poppler-utils).
func Text(t testing.TB, pdf []byte) []string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("no pdftotext")
	}
	cmd := exec.Command(program, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	var said bytes.Buffer
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("pdftotext: %v %s", err, said.Bytes())
	}
	return lines(string(text))
}

// HTML is what a page says, a line for each element that holds text. It must be well-formed, without scripts, events,
// images and links.
func HTML(t testing.TB, page string) []string {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	var b strings.Builder
	var open []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return lines(b.String())
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		switch token := token.(type) {
		case xml.StartElement:
			open = append(open, token.Name.Local)
			harmless(t, token)
		case xml.EndElement:
			open = open[:len(open)-1]
			b.WriteString("\n")
		case xml.CharData:
			if len(open) > 0 && open[len(open)-1] != "style" {
				b.Write(token)
			}
		}
	}
}

// harmless tells that an element neither runs nor loads anything.
func harmless(t testing.TB, e xml.StartElement) {
	switch e.Name.Local {
	case "script", "img", "a", "iframe", "object", "embed", "link", "form", "svg", "base":
		t.Errorf("the page has <%s>", e.Name.Local)
	}
	for _, a := range e.Attr {
		if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "href" || a.Name.Local == "src" {
			t.Errorf("<%s> has %s=%q", e.Name.Local, a.Name.Local, a.Value)
		}
	}
}

func lines(text string) []string {
	var list []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\f", "\n"), "\n") {
		if words := strings.Fields(line); len(words) > 0 {
			list = append(list, strings.Join(words, " "))
		}
	}
	return list
}
