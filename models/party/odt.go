package party

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"hash/crc32"
	"strings"
)

// Document is a text document that an office program opens (ODT): pages of
// paragraphs, a paragraph of lines.
type Document struct{ pages [][]string }

// Page begins a page with the paragraphs; a line break in one begins a line.
func (d *Document) Page(paragraphs ...string) { d.pages = append(d.pages, paragraphs) }

const (
	odtType = "application/vnd.oasis.opendocument.text"
	odtHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	odtSpec = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"` +
		` xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"` +
		` xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
		` xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.2"`
	odtManifest = odtHead + `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">` +
		`<manifest:file-entry manifest:full-path="/" manifest:version="1.2" manifest:media-type="` + odtType + `"/>` +
		`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>` +
		`<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>` +
		`</manifest:manifest>`
	odtStyles = odtHead + `<office:document-styles ` + odtSpec + `><office:styles>` +
		`<style:style style:name="Standard" style:family="paragraph"/></office:styles>` +
		`<office:automatic-styles><style:page-layout style:name="page"><style:page-layout-properties` +
		` fo:page-width="210mm" fo:page-height="297mm" fo:margin="25mm"/></style:page-layout></office:automatic-styles>` +
		`<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="page"/></office:master-styles>` +
		`</office:document-styles>`
	odtParagraphs = `<office:automatic-styles>` +
		`<style:style style:name="para" style:family="paragraph" style:parent-style-name="Standard">` +
		`<style:paragraph-properties fo:margin-bottom="5mm"/></style:style>` +
		`<style:style style:name="first" style:family="paragraph" style:parent-style-name="para">` +
		`<style:paragraph-properties fo:break-before="page"/></style:style>` +
		`</office:automatic-styles>`
)

// Bytes is the file.
func (d *Document) Bytes() ([]byte, error) {
	content, err := d.content()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := writeType(z); err != nil {
		return nil, err
	}
	for _, file := range [][2]string{{"content.xml", content}, {"styles.xml", odtStyles}, {"META-INF/manifest.xml", odtManifest}} {
		w, err := z.Create(file[0])
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(file[1])); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return b.Bytes(), err
}

// writeType writes the type first and plain, so that it is seen at a fixed place of the file.
func writeType(z *zip.Writer) error {
	w, err := z.CreateRaw(&zip.FileHeader{Name: "mimetype", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(odtType)),
		CompressedSize64: uint64(len(odtType)), UncompressedSize64: uint64(len(odtType))})
	if err != nil {
		return err
	}
	_, err = w.Write([]byte(odtType))
	return err
}

func (d *Document) content() (string, error) {
	var b strings.Builder
	b.WriteString(odtHead + `<office:document-content ` + odtSpec + `>` + odtParagraphs + `<office:body><office:text>`)
	for n, page := range d.pages {
		for i, paragraph := range page {
			style := "para"
			if i == 0 && n > 0 {
				style = "first"
			}
			b.WriteString(`<text:p text:style-name="` + style + `">`)
			for l, line := range strings.Split(paragraph, "\n") {
				if l > 0 {
					b.WriteString(`<text:line-break/>`)
				}
				if err := xml.EscapeText(&b, []byte(line)); err != nil {
					return "", err
				}
			}
			b.WriteString(`</text:p>`)
		}
	}
	b.WriteString(`</office:text></office:body></office:document-content>`)
	return b.String(), nil
}
