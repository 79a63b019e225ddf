package company

import (
	"paytond/models"
	"paytond/models/res"
)

type configStart struct{ models.Model }

// ConfigStart is company.company.config.start: what the wizard that makes the first company says.
var ConfigStart = models.Define(&configStart{
	Model: models.Model{Name: "company.company.config.start", String: "Company Config", ViewOnly: true},
})

// configWizard is company.company.config: it makes a company, and has the user work in it.
func configWizard() *models.Wizard {
	return &models.Wizard{
		Name:  "company.company.config",
		Start: "start",
		States: map[string]models.State{
			"start": {View: "company.company.config.start", ViewID: "company.company_config_start_view_form",
				Buttons: []models.StateButton{
					{State: "end", String: "Cancel", Icon: "tryton-cancel"},
					{State: "company", String: "OK", Icon: "tryton-ok", Default: true},
				}},
			"company": {View: "company.company", ViewID: "company.company_config_view_form",
				Buttons: []models.StateButton{
					{State: "end", String: "Cancel", Icon: "tryton-cancel"},
					{State: "add", String: "Add", Icon: "tryton-ok", Default: true},
				}},
			"add": {Next: addCompany},
		},
		End: "reload context",
	}
}

func addCompany(s *models.Session) (string, error) {
	form := s.Form("company")
	var assigns []models.Assign
	for _, f := range []*models.Field{Company.Party.Field, Company.Currency.Field, Company.Timezone.Field,
		Company.Header.Field, Company.Footer.Field} {
		assigns = append(assigns, f.To(form.Get(f.FieldName())))
	}
	company, err := Company.Create(s.Tx, assigns...)
	if err != nil {
		return "", err
	}
	me := res.User.Browse(s.Tx, s.Tx.User())
	add := []any{[]any{"add", []any{company.ID()}}}
	return "end", res.User.Write(s.Tx, me, User.Companies.To(add), User.Company.To(company.ID()), User.Employee.To(nil))
}
