package models_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/value"
)

// sample has a field of each kind, named as in the searches recorded from the
// reference server.
type sample struct {
	models.Model
	Char      models.Char
	Boolean   models.Boolean
	Integer   models.Integer
	Float     models.Float
	Numeric   models.Numeric
	Date      models.Date
	Datetime  models.DateTime
	Time      models.Time
	Timedelta models.TimeDelta
	Selects   models.MultiSelection
	Reference models.Reference
	Many2one  models.Many2One
	Targets   models.One2Many
	Notes     models.One2Many
	Marks     models.Many2Many
}

var Sample = models.Define(&sample{
	Model:     models.Model{Name: "test.sample", String: "Sample", RecName: "char"},
	Char:      models.NewChar(models.Field{String: "Char"}),
	Boolean:   models.NewBoolean(models.Field{String: "Boolean"}),
	Integer:   models.NewInteger(models.Field{String: "Integer"}),
	Float:     models.NewFloat(models.Field{String: "Float"}),
	Numeric:   models.NewNumeric(models.Field{String: "Numeric"}),
	Date:      models.NewDate(models.Field{String: "Date"}),
	Datetime:  models.NewDateTime(models.Field{String: "Date and Time"}),
	Time:      models.NewTime(models.Field{String: "Time"}),
	Timedelta: models.NewTimeDelta(models.Field{String: "Duration"}),
	Selects:   models.NewMultiSelection(models.Field{String: "Selects", Selection: [][2]any{{"foo", "Foo"}, {"bar", "Bar"}, {"foobar", "Foobar"}}}),
	Reference: models.NewReference(models.Field{String: "Reference", Selection: [][2]any{{"test.reference.target", "Target"}}}),
	Many2one:  models.NewMany2One(models.Field{String: "Target", Relation: "test.reference.target"}),
	Targets:   models.NewOne2Many(models.Field{String: "Targets", Relation: "test.reference.target", RelationField: "origin"}),
	Notes:     models.NewOne2Many(models.Field{String: "Notes", Relation: "test.reference.target", RelationField: "about"}),
	Marks: models.NewMany2Many(models.Field{String: "Marks", Relation: "test.reference.target",
		Through: "test.mark", RelationField: "sample", RelationTarget: "target"}),
})

type target struct {
	models.Model
	Name   models.Char
	Value  models.Integer
	Origin models.Many2One
	About  models.Reference
}

type mark struct {
	models.Model
	Sample, Target models.Many2One
}

var Mark = models.Define(&mark{
	Model:  models.Model{Name: "test.mark", String: "Mark"},
	Sample: models.NewMany2One(models.Field{String: "Sample", Relation: "test.sample", Required: true, OnDelete: "CASCADE"}),
	Target: models.NewMany2One(models.Field{String: "Target", Relation: "test.reference.target", Required: true, OnDelete: "CASCADE"}),
})

var Target = models.Define(&target{
	Model:  models.Model{Name: "test.reference.target", String: "Target"},
	Name:   models.NewChar(models.Field{String: "Name"}),
	Value:  models.NewInteger(models.Field{String: "Value"}),
	Origin: models.NewMany2One(models.Field{String: "Origin", Relation: "test.sample"}),
	About:  models.NewReference(models.Field{String: "About", Selection: [][2]any{{"test.sample", "Sample"}, {"test.linked", "Linked"}}}),
})

// linked is a sample whose targets are linked by a table between.
type linked struct {
	models.Model
	Targets models.Many2Many
}

var Linked = models.Define(&linked{
	Model: models.Model{Name: "test.linked", String: "Linked"},
	Targets: models.NewMany2Many(models.Field{String: "Targets", Relation: "test.reference.target",
		Through: "test.linked-test.reference.target", RelationField: "origin", RelationTarget: "target"}),
})

type link struct {
	models.Model
	Origin, Target models.Many2One
}

var Link = models.Define(&link{
	Model:  models.Model{Name: "test.linked-test.reference.target", String: "Link", Table: "test_link"},
	Origin: models.NewMany2One(models.Field{String: "Origin", Relation: "test.linked", Required: true, OnDelete: "CASCADE"}),
	Target: models.NewMany2One(models.Field{String: "Target", Relation: "test.reference.target", Required: true, OnDelete: "CASCADE"}),
})

// node is a tree by a field with the name that the record has.
type node struct {
	models.Model
	Many2one models.Many2One
}

var Node = models.Define(&node{
	Model:    models.Model{Name: "test.node", String: "Node"},
	Many2one: models.NewMany2One(models.Field{String: "Above", Relation: "test.node"}),
})

func samples() []*models.Module {
	return []*models.Module{{Name: "test", Definitions: []models.Definition{Sample, Target, Mark, Linked, Link, Node}}}
}

// TestSearchAsTheReference holds searches in both databases against those
// recorded from the reference server 6.0.29, as package domain does with Match.
func TestSearchAsTheReference(t *testing.T) {
	modelstest.Each(t, nil, samples, func(t *testing.T, db *models.Database) {
		f, err := os.Open("domain/testdata/search-6.0.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var class string
		var ids []int64
		headers, clauses := 0, 0
		for lines := bufio.NewScanner(f); lines.Scan(); {
			decoded, err := value.Decode(lines.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			line := decoded.(map[string]any)
			if records, ok := line["records"].([]any); ok {
				headers++
				class, ids = replay(t, db, line["field"].(string), records, headers)
				continue
			}
			clauses++
			where, err := domain.Parse(line["clause"])
			if err != nil {
				t.Errorf("%s: %v", lines.Text(), err)
				continue
			}
			err = modelstest.Try(db, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
				found, err := tx.Class(class).Search(tx, where, models.Search{Limit: -1, Order: models.Order("id")})
				got := []any{}
				for _, id := range found {
					got = append(got, int64(slices.Index(ids, id)))
				}
				if diff := cmp.Diff(line["fits"], any(got)); diff != "" && err == nil {
					t.Errorf("%s: %s", lines.Text(), diff)
				}
				return err
			})
			if err != nil {
				t.Errorf("%s: %v", lines.Text(), err)
			}
		}
		if headers != 15 || clauses < 500 {
			t.Errorf("%d headers and %d clauses", headers, clauses)
		}
	})
}

// replay stores the records of a header and returns their model and ids.
func replay(t *testing.T, db *models.Database, field string, records []any, header int) (string, []int64) {
	class := "test.sample"
	recorded := records[0].(map[string]any)
	_, isTree := recorded["id"]
	switch {
	case isTree:
		class = "test.node"
	case field == "targets" && header > 13:
		class = "test.linked"
	}
	var ids []int64
	modelstest.Do(t, db, func(tx *models.Tx) {
		for _, m := range []*models.Model{&Link.Model, &Node.Model, &Target.Model, &Sample.Model, &Linked.Model} {
			models.Must(m.Delete(tx, m.Search(tx, nil)))
		}
		for i, r := range records {
			values := models.Values{"id": int64(i + 1)}
			var children []any
			for name, v := range r.(map[string]any) {
				switch {
				case strings.Contains(name, "."), name == "id":
				case name == "targets":
					children = v.([]any)
				default:
					values[name] = v
				}
			}
			storeTargets(tx, field, r.(map[string]any), values)
			created, err := tx.Class(class).Create(tx, []models.Values{values})
			models.Must(err)
			ids = append(ids, created[0].ID())
			names, _ := r.(map[string]any)["targets.name"].([]any)
			for j, id := range children {
				target := models.Values{"id": id, "name": names[j]}
				if class == "test.sample" {
					target["origin"] = created[0].ID()
				}
				_, err := tx.Class("test.reference.target").Create(tx, []models.Values{target})
				models.Must(err)
			}
			if class == "test.linked" {
				models.Must(tx.Class(class).Write(tx, created, models.Values{"targets": []any{[]any{"add", children}}}))
			}
		}
	})
	return class, ids
}

// storeTargets stores the record behind a link, described by dotted names.
func storeTargets(tx *models.Tx, field string, recorded map[string]any, values models.Values) {
	id, ok := recorded[field+".id"].(int64)
	if !ok {
		return
	}
	_, err := tx.Class("test.reference.target").Create(tx, []models.Values{{"id": id, "name": recorded[field+".name"], "value": recorded[field+".value"]}})
	models.Must(err)
}
