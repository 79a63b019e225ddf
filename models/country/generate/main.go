// Command generate writes the table of countries from the JSON of the
// iso-codes project: one line per country with its two- and three-letter
// codes, its number and its name, tabs between, by the first code.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
)

type country struct {
	Code    string `json:"alpha_2"`
	Code3   string `json:"alpha_3"`
	Numeric string `json:"numeric"`
	Name    string `json:"name"`
	Common  string `json:"common_name"`
}

func main() {
	from := flag.String("from", "iso_3166-1.json", "the JSON file of iso-codes")
	to := flag.String("to", "countries.tsv", "the table to write")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		log.Fatal(err)
	}
}

func run(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var file struct {
		Countries []country `json:"3166-1"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	slices.SortFunc(file.Countries, func(a, b country) int { return strings.Compare(a.Code, b.Code) })
	var b strings.Builder
	for _, c := range file.Countries {
		name := c.Name
		if c.Common != "" {
			name = c.Common
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", c.Code, c.Code3, c.Numeric, name)
	}
	return os.WriteFile(to, []byte(b.String()), 0o644)
}
