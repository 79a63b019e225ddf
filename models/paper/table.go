package paper

// Measures of tables.
const (
	lead      = 4.6 // a line of a cell
	padding   = 1.2 // above and below the lines of a row
	between   = 2.0 // columns
	mostLines = 12  // of a cell
)

// table draws the rows under their columns, which are said again on each page.
func (p *press) table(t *Table) {
	p.gap(7)
	if t.Title != "" {
		p.room(24) // a title does not stand alone at the foot
		p.font("B", 12, black)
		p.write(margin, inner, 6, "L", p.lines(t.Title, inner, 2))
		p.gap(1)
	}
	widths := t.widths()
	p.columns(t, widths)
	for _, row := range t.Rows {
		p.row(t, widths, row)
	}
	p.gap(1.5)
	for _, sum := range t.Sums {
		p.sum(sum)
	}
}

// widths are those of the columns, by their shares.
func (t *Table) widths() []float64 {
	whole := 0.0
	for _, c := range t.Columns {
		whole += c.Share
	}
	list := make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		list[i] = inner * c.Share / whole
	}
	return list
}

func (p *press) columns(t *Table, widths []float64) {
	p.font("B", small, grey)
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = c.Label
	}
	p.cells(t, widths, heads)
	p.rule(grey, 0.3)
}

func (p *press) row(t *Table, widths []float64, row []string) {
	p.font("", small+0.5, black)
	if p.room(p.tallness(t, widths, row)) {
		p.columns(t, widths)
		p.font("", small+0.5, black)
	}
	p.cells(t, widths, row)
	p.rule(line, 0.2)
}

// tallness is the height of a row in the font that is set.
func (p *press) tallness(t *Table, widths []float64, row []string) float64 {
	most := 1
	for i, cell := range row {
		if t.Columns[i].Right {
			continue
		}
		most = max(most, len(p.lines(cell, widths[i]-between, mostLines)))
	}
	return float64(most)*lead + 2*padding
}

// cells writes one row, which fits on the page.
func (p *press) cells(t *Table, widths []float64, row []string) {
	x, y, tall := margin, p.f.GetY(), p.tallness(t, widths, row)
	size, _ := p.f.GetFontSize()
	for i, cell := range row {
		w := widths[i] - between
		p.f.SetY(y + padding)
		if t.Columns[i].Right {
			p.write(x, w, lead, "R", []string{p.whole(cell, w)})
			p.f.SetFontSize(size)
		} else {
			p.write(x, w, lead, "L", p.lines(cell, w, mostLines))
		}
		x += widths[i]
	}
	p.f.SetY(y + tall)
}

// sum is one line below a table, at the right.
func (p *press) sum(sum Fact) {
	p.room(6)
	p.font(bold(sum.Strong), body, black)
	y := p.f.GetY()
	p.write(margin, inner*0.7, 5.6, "R", p.lines(sum.Label, inner*0.7, 1))
	p.f.SetY(y)
	w := inner*0.3 - between
	p.write(margin+inner*0.7, w, 5.6, "R", []string{p.whole(sum.Value, w)})
}
