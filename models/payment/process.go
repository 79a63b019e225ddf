package payment

import (
	"slices"

	"paytond/models"
)

// Method is a way to process the payments of a group, chosen by the journal's process method of that name.
// Process runs in the transaction that put the payments in processing; an error undoes it.
type Method struct {
	Name, String string
	Process      func(tx *models.Tx, group *models.Record, payments []*models.Record) error
}

// hookMethod is the list of the journal's class that [AddMethod] adds to.
const hookMethod = "process method"

// AddMethod adds a process method to journals. A module calls it in the Setup of its extension of account.payment.journal,
// with that class.
func AddMethod(journals *models.Class, m Method) {
	journals.Change(Journal.ProcessMethod, func(f *models.Field) {
		f.Selection = append(slices.Clone(f.Selection), [2]any{m.Name, m.String})
	})
	journals.Hook(hookMethod, m)
}

type processStart struct{ models.Model }

// ProcessStart is account.payment.process.start: the question before payments are processed.
var ProcessStart = models.Define(&processStart{
	Model: models.Model{Name: "account.payment.process.start", String: "Process Payment", ViewOnly: true},
})

// processWizard is account.payment.process: it processes the selected payments and opens their groups.
func processWizard() *models.Wizard {
	return &models.Wizard{
		Name: "account.payment.process", Start: "start",
		States: map[string]models.State{
			"start": {
				View: "account.payment.process.start", ViewID: "account_payment.payment_process_start_view_form",
				Buttons: []models.StateButton{
					{State: "end", String: "Cancel", Icon: "tryton-cancel"},
					{State: "process", String: "Process", Icon: "tryton-ok", Default: true},
				},
			},
			"process": {
				Action: "account_payment.act_payment_group_form",
				Prepare: func(s *models.Session, _ map[string]any) (map[string]any, error) {
					groups, err := Group.Process(s.Tx, s.Records())
					return map[string]any{"res_id": models.IDsOf(groups)}, err
				},
			},
		},
	}
}

// batch is what the payments of one group have in common.
type batch struct {
	company, journal int64
	kind             string
}

// Process puts those payments that are approved into groups, one for each company, journal and kind, and has each group
// processed by its journal's method. It returns the groups in the order of their payments.
func (x *group) Process(tx *models.Tx, payments []*models.Record) ([]*models.Record, error) {
	tx = tx.Unchecked()
	batches := map[batch][]*models.Record{}
	var order []batch
	for _, r := range payments {
		if Payment.State.Of(r) != Approved {
			continue
		}
		b := batch{Payment.Company.ID(r), Payment.Journal.ID(r), Payment.Kind.Of(r)}
		if batches[b] == nil {
			order = append(order, b)
		}
		batches[b] = append(batches[b], r)
	}
	var groups []*models.Record
	for _, b := range order {
		made, err := x.process(tx, b, batches[b])
		if err != nil {
			return nil, err
		}
		groups = append(groups, made)
	}
	return groups, nil
}

func (x *group) process(tx *models.Tx, b batch, payments []*models.Record) (*models.Record, error) {
	made, err := x.Create(tx, x.Company.To(b.company), x.Journal.To(b.journal), x.Kind.To(b.kind))
	if err != nil {
		return nil, err
	}
	if err := Payment.Process(tx, payments, made); err != nil {
		return nil, err
	}
	name := Journal.ProcessMethod.Of(Journal.Get(tx, b.journal))
	if name == "manual" {
		return made, nil
	}
	for _, hook := range Journal.In(tx).Hooks(hookMethod) {
		if m := hook.(Method); m.Name == name {
			return made, m.Process(tx, made, payments)
		}
	}
	return nil, models.UserError("Journal \"%s\" has the process method \"%s\", which is not available on this server.",
		Journal.Get(tx, b.journal).Name(), name)
}
