package payment

import (
	"paytond/models"
	"paytond/models/company"
	"paytond/models/pyson"
)

// setupWorkflow binds the transitions and the buttons.
func (x *payment) setupWorkflow(c *models.Class) {
	for _, t := range [][2]string{
		{Draft, Approved}, {Approved, Draft}, {Approved, Processing},
		{Processing, Succeeded}, {Processing, Failed},
		{Failed, Processing}, {Failed, Succeeded},
		{Succeeded, Failed}, {Succeeded, Processing},
	} {
		c.Transition(t[0], t[1])
	}
	button := func(name, icon string, visible pyson.Expr, do func(*models.Tx, []*models.Record) error) {
		c.Button(models.Button{Name: name, Fresh: name == "approve", Depends: []string{"state"},
			States: map[string]any{"invisible": pyson.Not(visible), "icon": icon}},
			func(tx *models.Tx, records []*models.Record) (any, error) { return nil, do(tx, records) })
	}
	button("draft", "tryton-back", pyson.Equal(state, Approved), Payment.Redraft)
	button("approve", "tryton-forward", pyson.Equal(state, Draft), Payment.Approve)
	button("succeed", "tryton-ok", pyson.In(state, []any{Processing, Failed}), Payment.Succeed)
	button("fail", "tryton-cancel", pyson.In(state, []any{Processing, Succeeded}), Payment.Fail)
}

// Redraft takes approved payments back to draft. Payments in other states are left alone,
// as by all functions of the workflow.
func (x *payment) Redraft(tx *models.Tx, payments []*models.Record) error {
	return x.move(tx, payments, Draft, x.ApprovedBy.To(nil), x.SucceededBy.To(nil), x.FailedBy.To(nil))
}

// Approve lets draft payments be processed.
func (x *payment) Approve(tx *models.Tx, payments []*models.Record) error {
	return x.moveBy(tx, payments, Approved, x.ApprovedBy)
}

// Process puts approved (or failed, or succeeded too early) payments in processing, in the group.
func (x *payment) Process(tx *models.Tx, payments []*models.Record, group *models.Record) error {
	return x.move(tx, payments, Processing, x.Group.To(group.ID()))
}

// Proceed takes payments that failed or succeeded back to processing, in the group they were in:
// what was thought to be over turned out not to be.
func (x *payment) Proceed(tx *models.Tx, payments []*models.Record) error {
	return x.move(tx, payments, Processing)
}

// Succeed notes that the money came.
func (x *payment) Succeed(tx *models.Tx, payments []*models.Record) error {
	return x.moveBy(tx, payments, Succeeded, x.SucceededBy)
}

// Fail notes that the money did not come, or went back.
func (x *payment) Fail(tx *models.Tx, payments []*models.Record) error {
	return x.moveBy(tx, payments, Failed, x.FailedBy)
}

// move runs unchecked: who may press a button need not have the right to write.
func (x *payment) move(tx *models.Tx, payments []*models.Record, to string, more ...models.Assign) error {
	tx = tx.Unchecked()
	_, err := x.In(tx).Move(tx, payments, to, more...)
	return err
}

// moveBy notes, too, as which employee of the payment's company the user did it: what his own record says, as a client's context says anything.
func (x *payment) moveBy(tx *models.Tx, payments []*models.Record, to string, by models.Many2One) error {
	employee := company.EmployeeOf(tx)
	colleagues, others := []*models.Record{}, []*models.Record{}
	for _, p := range payments {
		if employee != nil && company.Employee.Company.ID(employee) == x.Company.ID(p) {
			colleagues = append(colleagues, p)
		} else {
			others = append(others, p)
		}
	}
	if err := x.move(tx, others, to, by.To(nil)); err != nil || len(colleagues) == 0 {
		return err
	}
	return x.move(tx, colleagues, to, by.To(employee))
}
