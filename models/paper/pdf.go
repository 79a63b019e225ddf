package paper

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// Measures of a page, in millimetres; of letters, in points.
const (
	width, height = 210.0, 297.0
	margin        = 20.0
	inner         = width - 2*margin
	footing       = 24.0 // kept free at the foot
	labels        = 50.0 // the column of labels
	body          = 10.0
	small         = 8.5
)

// color is one of the few that are used.
type color [3]int

var (
	black = color{34, 34, 34}
	grey  = color{102, 102, 102}
	blue  = color{43, 95, 138}
	pale  = color{238, 243, 247}
	line  = color{217, 217, 217}
)

// PDF is the document on A4 pages. A [LettersError] says that it cannot be written in the font of PDFs.
func (d *Document) PDF() ([]byte, error) {
	tidy := d.tidy()
	counts := slices.Repeat([]int{1}, len(tidy.Sheets))
	for {
		p, err := tidy.draw(counts)
		if err != nil {
			return nil, err
		}
		if slices.Equal(p.counts, counts) {
			var b bytes.Buffer
			err := p.f.Output(&b)
			return b.Bytes(), err
		}
		counts = p.counts // how many pages a sheet has is written on each of them
	}
}

// press draws a document.
type press struct {
	f      *fpdf.Fpdf
	sheet  *Sheet
	first  int   // page of the sheet
	of     int   // pages that the sheet is said to have
	counts []int // pages that the sheets have
	err    error // the first one
}

func (d *Document) draw(counts []int) (*press, error) {
	p := &press{f: fpdf.New("P", "mm", "A4", "")}
	f := p.f
	f.SetCatalogSort(true)
	f.SetCreationDate(d.Made)
	f.SetModificationDate(d.Made)
	f.SetTitle(d.Title, true)
	f.SetAuthor(d.Author, true)
	f.SetProducer("paytond", true)
	f.SetLang(strings.ReplaceAll(d.Language, "_", "-"))
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(true, footing)
	f.SetCellMargin(0)
	for style, file := range faces() {
		f.AddUTF8FontFromBytes(family, style, file)
	}
	f.SetFooterFunc(p.foot)
	for i := range d.Sheets {
		f.AddPage() // which writes the foot of the page before
		p.sheet, p.first, p.of = &d.Sheets[i], f.PageNo(), counts[i]
		p.draw()
		p.counts = append(p.counts, f.PageNo()-p.first+1)
	}
	f.Close()
	if p.err == nil {
		p.err = f.Error()
	}
	return p, p.err
}

// text is a text in the letters of the font; the first that has others is remembered as the error.
func (p *press) text(text string) string {
	s, err := printable(text)
	if err != nil && p.err == nil {
		p.err = err
	}
	return s
}

func (p *press) font(style string, size float64, c color) {
	p.f.SetFont(family, style, size)
	p.f.SetTextColor(c[0], c[1], c[2])
}

// lines wraps a text into the width in the font that is set, at most so many lines.
func (p *press) lines(text string, w float64, most int) []string {
	var list []string
	for part := range strings.SplitSeq(p.text(text), "\n") {
		if strings.TrimSpace(part) == "" {
			part = " "
		}
		list = append(list, p.f.SplitText(part, w)...)
		if len(list) > most {
			list = list[:most]
			list[most-1] = strings.TrimRight(list[most-1], " ") + " …"
			return list
		}
	}
	return list
}

// whole is an amount on one line, for which the font that is set is made smaller where it must be.
func (p *press) whole(text string, w float64) string {
	text = p.text(strings.Join(strings.Fields(text), "\u00a0"))
	size, _ := p.f.GetFontSize()
	if need := p.f.GetStringWidth(text); need > w {
		p.f.SetFontSize(max(1, size*w/need))
	}
	return text
}

// write writes lines at x, each so high, aligned "L", "C" or "R" in the width, and goes on below; what does not fit goes to the next page.
func (p *press) write(x, w, lead float64, align string, lines []string) {
	for _, text := range lines {
		p.room(lead)
		p.f.SetX(x)
		p.f.CellFormat(w, lead, text, "", 2, align, false, 0, "")
	}
}

// room begins a new page where less than h is left of this one.
func (p *press) room(h float64) bool {
	if p.f.GetY()+h <= height-footing {
		return false
	}
	p.f.AddPage()
	return true
}

func (p *press) gap(h float64) { p.f.SetY(p.f.GetY() + h) }

func (p *press) rule(c color, thick float64) {
	p.f.SetDrawColor(c[0], c[1], c[2])
	p.f.SetLineWidth(thick)
	y := p.f.GetY()
	p.f.Line(margin, y, width-margin, y)
}

func (p *press) draw() {
	s := p.sheet
	p.letterhead()
	if len(s.To) > 0 {
		p.gap(12)
		p.font("", body+0.5, black)
		for _, to := range s.To[:min(len(s.To), 10)] {
			p.write(margin, inner/2, 5, "L", p.lines(to, inner/2, 3))
		}
	}
	p.gap(12)
	p.font("B", 18, black)
	p.write(margin, inner, 8, "L", p.lines(s.Title, inner, 3))
	if s.Subtitle != "" {
		p.font("", body, grey)
		p.write(margin, inner, 5, "L", p.lines(s.Subtitle, inner, 3))
	}
	p.highlight()
	p.facts()
	for i := range s.Tables {
		p.table(&s.Tables[i])
	}
	for _, note := range s.Notes {
		p.gap(5)
		p.font("", body, black)
		p.write(margin, inner, 5, "L", p.lines(note, inner, 40))
	}
}

// letterhead is the sender's name at the left, his address at the right.
func (p *press) letterhead() {
	s := p.sheet
	if s.Head != "" {
		p.font("", small, grey)
		p.write(margin, inner, 4, "L", p.lines(s.Head, inner, 6))
		p.gap(3)
	}
	if len(s.From) == 0 {
		return
	}
	top := p.f.GetY()
	p.font("B", 15, blue)
	p.write(margin, inner*0.6, 7, "L", p.lines(s.From[0], inner*0.6, 3))
	left := p.f.GetY()
	p.f.SetY(top)
	p.font("", small, grey)
	for _, from := range s.From[1:min(len(s.From), 11)] {
		p.write(margin+inner*0.62, inner*0.38, 4, "R", p.lines(from, inner*0.38, 3))
	}
	p.f.SetY(max(left, p.f.GetY()) + 3)
	p.rule(blue, 0.6)
}

// highlight is the one value that the reader looks for, in a box.
func (p *press) highlight() {
	h := p.sheet.Highlight
	if h.Value == "" {
		return
	}
	p.gap(6)
	p.room(16)
	y := p.f.GetY()
	p.f.SetFillColor(pale[0], pale[1], pale[2])
	p.f.Rect(margin, y, inner, 14, "F")
	p.f.SetFillColor(blue[0], blue[1], blue[2])
	p.f.Rect(margin, y, 1.4, 14, "F")
	p.f.SetXY(margin+6, y)
	p.font("", body, black)
	p.f.CellFormat(inner/2-6, 14, strings.Join(p.lines(h.Label, inner/2-6, 1), ""), "", 0, "L", false, 0, "")
	p.font("B", 18, black)
	p.f.SetXY(margin+inner/2-6, y)
	p.f.CellFormat(inner/2, 14, p.whole(h.Value, inner/2), "", 0, "R", false, 0, "")
	p.f.SetY(y + 14)
}

// facts are labels with their values beside them.
func (p *press) facts() {
	if len(p.sheet.Facts) == 0 {
		return
	}
	p.gap(6)
	for _, fact := range p.sheet.Facts {
		p.font("", body, grey)
		label := p.lines(fact.Label, labels-3, 4)
		p.room(5.6 * float64(len(label)))
		y, page := p.f.GetY(), p.f.PageNo()
		p.write(margin, labels-3, 5.6, "L", label)
		below := p.f.GetY()
		p.f.SetY(y)
		p.font(bold(fact.Strong), body, black)
		p.write(margin+labels, inner-labels, 5.6, "L", p.lines(fact.Value, inner-labels, 40))
		if p.f.PageNo() == page {
			p.f.SetY(max(below, p.f.GetY()))
		}
	}
}

func bold(strong bool) string {
	if strong {
		return "B"
	}
	return ""
}

// foot is written below each page: what the sender has there, and its number.
func (p *press) foot() {
	s := p.sheet
	p.f.SetAutoPageBreak(false, 0)
	p.font("", small, grey)
	p.f.SetY(height - footing + 4)
	p.rule(line, 0.2)
	p.gap(1.5)
	for _, text := range p.lines(s.Foot, inner*0.8, 4) {
		p.f.SetX(margin)
		p.f.CellFormat(inner*0.8, 3.6, text, "", 2, "L", false, 0, "")
	}
	if s.Page != "" {
		p.f.SetXY(margin+inner*0.8, height-footing+5.5)
		p.f.CellFormat(inner*0.2, 3.6, p.text(fmt.Sprintf(s.Page, p.f.PageNo()-p.first+1, p.of)), "", 0, "R", false, 0, "")
	}
	p.f.SetAutoPageBreak(true, footing)
}
