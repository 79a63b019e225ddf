package party

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestDocument(t *testing.T) {
	var d Document
	d.Page("Bob & <Stone>\nStreet \"1\"", "second")
	d.Page("page two\x01")
	file, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if place := bytes.Index(file, []byte("mimetype"+odtType)); place != 30 {
		t.Errorf("the type stands at %d of the file, not behind the first header", place)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if first := z.File[0]; first.Name != "mimetype" || first.Method != zip.Store {
		t.Errorf("the type must come first and plain, not %s", first.Name)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, ".xml") {
			checkXML(t, f.Name, text)
		}
		if want := `Bob &amp; &lt;Stone&gt;<text:line-break/>Street &#34;1&#34;</text:p>`; f.Name == "content.xml" && !strings.Contains(string(text), want) {
			t.Errorf("content lacks %s:\n%s", want, text)
		}
	}
}

func checkXML(t *testing.T, name string, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}
