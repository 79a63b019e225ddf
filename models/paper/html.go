package paper

import (
	"bytes"
	_ "embed"
	"html/template"
)

//go:embed page.html
var pageSource string

var page = template.Must(template.New("page").Parse(pageSource))

// HTML is the document as a page that runs nothing and loads nothing.
func (d *Document) HTML() ([]byte, error) {
	var b bytes.Buffer
	err := page.Execute(&b, d.tidy())
	return b.Bytes(), err
}
