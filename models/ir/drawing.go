package ir

import (
	"fmt"
	"math"
	"strings"

	"paytond/models"
)

// drawing is an icon of ours on a grid of 24 by 24: the data of SVG paths, or
// after a "~" the corners of a line two wide. Lines become filled shapes too,
// because clients give an icon its colour by the fill alone.
type drawing struct {
	name  string
	parts []string
}

// drawings are the icons of the server, in the order of their names in the
// clients' lists: first those of the program, then those of the modules.
func drawings() []drawing {
	return []drawing{
		{"tryton-board", []string{"M3 3h8v6H3z", "M13 3h8v10h-8z", "M3 11h8v10H3z", "M13 15h8v6h-8z"}},
		{"tryton-calendar", []string{"M3 4h18v17H3z M5 11v8h14v-8z", "~8,1 8,6", "~16,1 16,6", "M7 13h3v3H7z", "M14 13h3v3h-3z"}},
		{"tryton-folder", []string{"M2 6a2 2 0 0 1 2-2h5l2 3h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2z"}},
		{"tryton-form", []string{"M4 2h16v20H4z M6 4v16h12V4z", "~8,8 16,8", "~8,12 16,12", "~8,16 13,16"}},
		{"tryton-graph", []string{"~3,3 3,20 21,20", "M6 12h3v6H6z", "M11 8h3v10h-3z", "M16 4h3v14h-3z"}},
		{"tryton-list", []string{"M3 5h3v3H3z", "M8 5h13v3H8z", "M3 11h3v3H3z", "M8 11h13v3H8z", "M3 17h3v3H3z", "M8 17h13v3H8z"}},
		{"tryton-settings", []string{"~3,6 21,6", "~3,12 21,12", "~3,18 21,18",
			"M15 3a3 3 0 1 0 .01 0z", "M8 9a3 3 0 1 0 .01 0z", "M14 15a3 3 0 1 0 .01 0z"}},
		{"tryton-tree", []string{"M3 3h7v5H3z", "M14 10h7v4h-7z", "M14 17h7v4h-7z", "~6,8 6,19 14,19", "~6,12 14,12"}},
		{"tryton-country", []string{"~5,2 5,22", "M6 3h7l1 2h6l-2 4 2 4h-7l-1-2H6z"}},
		{"tryton-currency", []string{"M12 2a10 10 0 1 0 .01 0z M12 4a8 8 0 1 1-.01 0z", "~12,6 12,18",
			"~15,9 10,9 9,10 9,11 15,13 15,14 14,15 9,15"}},
		{"tryton-party", []string{"M8 4a4 4 0 1 0 .01 0z", "M1 20c0-9 14-9 14 0z", "M17 6a3 3 0 1 0 .01 0z", "M16 13c4-1 7 2 7 6h-6c0-2.500-.3-4.300-1-6z"}},
		{"tryton-company", []string{"M3 21V3h10v5h8v13z M6 6v2h2V6z M6 10v2h2v-2z M6 14v2h2v-2z M10 6v2h1V6z M10 10v2h1v-2z M10 14v2h1v-2z M15 11v2h3v-2z M15 15v2h3v-2z"}},
		{"tryton-account", []string{"M12 2 22 8H2z", "M4 10h3v7H4z", "M10.500 10h3v7h-3z", "M17 10h3v7h-3z", "M2 19h20v3H2z"}},
		{"tryton-account-open", []string{"M4 3h16v18H4z M6 5v14h12V5z", "M8 1h8v4H8z", "~12,17 12,9", "~8,13 12,9 16,13"}},
		{"tryton-account-close", []string{"M4 3h16v18H4z M6 5v14h12V5z", "M8 1h8v4H8z", "~8,13 11,16 16,10"}},
		{"tryton-account-block", []string{"M4 3h16v18H4z M6 5v14h12V5z", "M8 1h8v4H8z", "~9,9 15,16", "~15,9 9,16"}},
		{"tryton-payment", []string{"M2 4h20v16H2z M4 12v6h16v-6z M4 6v2h16V6z", "M6 14h5v2H6z"}},
	}
}

// drawn is the SVG of one of our icons, nil for another name.
func drawn(name string) any {
	for _, d := range drawings() {
		if d.name == name {
			return d.svg()
		}
	}
	return nil
}

func (d drawing) svg() string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">`)
	for _, part := range d.parts {
		if corners, ok := strings.CutPrefix(part, "~"); ok {
			for _, segment := range line(corners) {
				fmt.Fprintf(&b, `<path d="%s"/>`, segment)
			}
		} else {
			fmt.Fprintf(&b, `<path d="%s" fill-rule="evenodd"/>`, part)
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

// line makes a shape two wide, with a square end, of each segment between corners.
func line(corners string) []string {
	var shapes []string
	var x0, y0 float64
	for i, corner := range strings.Fields(corners) {
		var x, y float64
		if _, err := fmt.Sscanf(corner, "%g,%g", &x, &y); err != nil {
			panic(fmt.Sprintf("ir: %q is no corner of an icon", corner))
		}
		if i > 0 {
			length := math.Hypot(x-x0, y-y0)
			dx, dy := (x-x0)/length, (y-y0)/length
			ax, ay, bx, by := x0-dx, y0-dy, x+dx, y+dy
			shapes = append(shapes, fmt.Sprintf("M%.3g %.3g %.3g %.3g %.3g %.3g %.3g %.3gz",
				ax-dy, ay+dx, bx-dy, by+dx, bx+dy, by-dx, ax+dy, ay-dx))
		}
		x0, y0 = x, y
	}
	return shapes
}

// iconData are the records of our icons.
func iconData() Parts {
	var parts Parts
	for i, d := range drawings() {
		parts = append(parts, Raw(models.Data{ID: strings.ReplaceAll(d.name, "-", "_"), Model: "ir.ui.icon",
			Values: models.Values{"name": d.name, "module": "ir", "path": "icon/" + d.name + ".svg", "sequence": int64(i + 1)}}))
	}
	return parts
}
