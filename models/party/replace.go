package party

import (
	"fmt"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/res"
	"paytond/sql"
)

type replaceAsk struct {
	models.Model
	Source      models.Many2One
	Destination models.Many2One
}

// ReplaceAsk is party.replace.ask: which party is joined into which.
var ReplaceAsk = models.Define(&replaceAsk{
	Model: models.Model{Name: "party.replace.ask", String: "Replace Party", ViewOnly: true},
	Source: models.NewMany2One(models.Field{String: "Source", Relation: "party.party", Required: true,
		Help: "The party that goes."}),
	Destination: models.NewMany2One(models.Field{String: "Destination", Relation: "party.party", Required: true,
		Domain: []any{[]any{"id", "!=", pyson.Eval("source", -1)}}, Depends: []string{"source"},
		Help: "The party that stands for it from now on."}),
})

// Setup proposes the party that already stands for the source.
func (x *replaceAsk) Setup(c *models.Class) {
	c.OnChange(x.Source, func(r *models.Record) {
		if by := Party.ReplacedBy.Of(x.Source.Of(r)); by != nil {
			x.Destination.Set(r, by.ID())
		}
	}, x.Source)
}

// replaceWizard is party.replace.
func replaceWizard() *models.Wizard {
	return &models.Wizard{
		Name:  "party.replace",
		Start: "ask",
		States: map[string]models.State{
			"ask": {
				View: "party.replace.ask", ViewID: "party.replace_ask_view_form",
				Buttons: []models.StateButton{
					{State: "end", String: "Cancel", Icon: "tryton-cancel"},
					{State: "replace", String: "Replace", Icon: "tryton-launch", Default: true},
				},
				Defaults: askDefaults,
			},
			"replace": {Next: func(s *models.Session) (string, error) {
				form := s.Form("ask")
				return "end", Replace(s.Tx, ReplaceAsk.Source.Of(form), ReplaceAsk.Destination.Of(form))
			}},
		},
	}
}

// askDefaults are the party that the wizard was started on, and the one that stands for it.
func askDefaults(s *models.Session) (models.Values, error) {
	values := models.Values{}
	for _, r := range s.Records() {
		if r.Model() != "party.party" || len(values) > 0 {
			continue
		}
		values["source"] = r.ID()
		if by := Party.ReplacedBy.Of(r); by != nil {
			values["destination"] = by.ID()
		}
	}
	return values, nil
}

// Replace joins source into destination: addresses, contact mechanisms,
// identifiers and all records of other models that point to source point to
// destination afterwards. The source is deactivated. Parties that differ in
// name or tax identifier ask the user (an error of kind Warning).
func Replace(tx *models.Tx, source, destination *models.Record) error {
	if source == nil || destination == nil || source.ID() == destination.ID() {
		return models.UserError("A party is replaced by another party.")
	}
	if err := compare(tx, source, destination); err != nil {
		return err
	}
	all := tx.With(map[string]any{"active_test": false})
	for _, m := range []*models.Model{&Address.Model, &ContactMechanism.Model} {
		class := m.In(all)
		rows := class.SearchRecords(all, domain.C("party", domain.Equal, source.ID()))
		if err := class.Write(all, rows, models.Values{"active": false}); err != nil {
			return err
		}
	}
	if err := Party.Write(tx, []*models.Record{source}, Party.ReplacedBy.To(destination.ID()), Party.Active.To(false)); err != nil {
		return err
	}
	for _, c := range tx.Registry().Classes() {
		if err := redirect(tx, c, source.ID(), destination.ID()); err != nil {
			return err
		}
	}
	return nil
}

// compare asks the user about parties that look different.
func compare(tx *models.Tx, source, destination *models.Record) error {
	if from, to := Party.Name.Of(source), Party.Name.Of(destination); !strings.EqualFold(from, to) {
		err := res.Warn(tx, fmt.Sprintf("party.replace name %d %d", source.ID(), destination.ID()),
			tx.Say("The parties have different names: \"%s\" and \"%s\".", from, to), "")
		if err != nil {
			return err
		}
	}
	from, to := taxCode(source), taxCode(destination)
	if from == to {
		return nil
	}
	return res.Warn(tx, fmt.Sprintf("party.replace tax_identifier %d %d", source.ID(), destination.ID()),
		tx.Say("The parties have different tax identifiers: \"%s\" and \"%s\".", from, to), "")
}

func taxCode(r *models.Record) string { return Identifier.Code.Of(Party.TaxIdentifier.Of(r)) }

// redirect turns the links of a model from one party to another. It writes the
// columns themselves: records that their own rules lock, as a payment that is
// done, keep all but the party. What only describes the party that goes (its
// language, its categories) stays with it.
func redirect(tx *models.Tx, c *models.Class, from, to int64) error {
	if c.ViewOnly || strings.HasPrefix(c.Name, "party.party") {
		return nil
	}
	for _, name := range c.Fields() {
		f := c.Field(name)
		if f.Kind() != "many2one" || f.Relation != "party.party" || f.Function {
			continue
		}
		set := fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", sql.Quote(c.Table), sql.Quote(name), sql.Quote(name))
		if _, err := tx.Exec(sql.SQL(set, to, from)); err != nil {
			return fmt.Errorf("replace party in %s.%s: %w", c.Name, name, err)
		}
	}
	return nil
}
