package simulator

// setupIntent is the wish to keep a payment method for later.
type setupIntent struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Application   text              `json:"application"`
	Automatic     *automaticMethods `json:"automatic_payment_methods"`
	CancelReason  text              `json:"cancellation_reason"`
	ClientSecret  string            `json:"client_secret"`
	Created       int64             `json:"created"`
	Customer      text              `json:"customer"`
	Description   text              `json:"description"`
	Flow          text              `json:"flow_directions"`
	LastError     *intentError      `json:"last_setup_error"`
	LatestAttempt text              `json:"latest_attempt"`
	Livemode      bool              `json:"livemode"`
	Mandate       text              `json:"mandate"`
	Metadata      metadata          `json:"metadata"`
	NextAction    *nextAction       `json:"next_action"`
	OnBehalfOf    text              `json:"on_behalf_of"`
	PaymentMethod text              `json:"payment_method"`
	MethodOptions map[string]any    `json:"payment_method_options"`
	MethodTypes   []string          `json:"payment_method_types"`
	SingleUse     text              `json:"single_use_mandate"`
	Status        string            `json:"status"`
	Usage         string            `json:"usage"`
	Own           ownIntent         `json:"_simulator"`
}

func (r *request) createSetupIntent() (any, *apiError) {
	p := r.params
	id := newID("seti")
	si := &setupIntent{ID: id, Object: "setup_intent", ClientSecret: id + "_secret_" + randomText(25), Created: r.unix(),
		Customer: text(p.str("customer")), Description: text(p.str("description")), Metadata: metadata{}.merged(p.metadata()),
		MethodOptions: map[string]any{}, Status: requiresPaymentMethod, Usage: "off_session"}
	if v := p.enum("usage", "off_session", "on_session"); v != "" {
		si.Usage = v
	}
	si.MethodTypes, si.Automatic = r.readTypes("")
	if si.Automatic != nil {
		si.MethodTypes = []string{"card", "us_bank_account", "sepa_debit"}
	}
	confirm := p.boolean("confirm")
	p.ignore("payment_method_options", "flow_directions", "attach_to_self")
	c, e := r.readConfirmation(true)
	if e == nil {
		e = p.finish()
	}
	if e != nil {
		return nil, e
	}
	if si.Customer != "" {
		if _, e := r.customer(string(si.Customer), "customer"); e != nil {
			return nil, e
		}
	}
	m, e := r.methodOf(c)
	if e == nil && m != nil {
		e = r.usable(m, string(si.Customer), si.MethodTypes, "SetupIntent")
	}
	if e != nil {
		return nil, e
	}
	if m != nil {
		si.PaymentMethod, si.Status = text(m.ID), requiresConfirmation
	}
	r.account.SetupIntents.put(si.ID, si)
	r.emit("setup_intent.created", si)
	if !confirm {
		return si, nil
	}
	return orError(si, r.confirmSetup(si, c))
}

// setupIntent finds a set-up intent; with a publishable key its client secret must be given.
func (r *request) setupIntent() (*setupIntent, *apiError) {
	si, ok := r.account.SetupIntents.get(r.id)
	if !ok {
		return nil, noSuch("setupintent", r.id, "intent").as404()
	}
	secret, given := r.params.given("client_secret")
	if (given || r.publishable) && secret != si.ClientSecret {
		if secret == "" {
			return nil, missingParam("client_secret")
		}
		return nil, invalidRequest("", "The client_secret provided does not match the client_secret associated with the SetupIntent.", "client_secret")
	}
	return si, nil
}

func (r *request) retrieveSetupIntent() (any, *apiError) {
	si, e := r.setupIntent()
	r.ignoreBrowser()
	if e == nil {
		e = r.params.finish()
	}
	return orError(si, e)
}

func (r *request) updateSetupIntent() (any, *apiError) {
	si, e := r.setupIntent()
	if e != nil {
		return nil, e
	}
	updated := *si
	updated.Description = text(orKeep(r.params, "description", string(si.Description)))
	updated.Customer = text(orKeep(r.params, "customer", string(si.Customer)))
	updated.Metadata = si.Metadata.merged(r.params.metadata())
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	*si = updated
	return si, nil
}

func setupUnexpectedState(message string, si *setupIntent) *apiError {
	e := invalidRequest("setup_intent_unexpected_state", message, "")
	e.Setup = si
	return e
}

func (r *request) cancelSetupIntent() (any, *apiError) {
	si, e := r.setupIntent()
	reason := r.params.enum("cancellation_reason", "abandoned", "requested_by_customer", "duplicate")
	if e == nil {
		e = r.params.finish()
	}
	if e != nil {
		return nil, e
	}
	if si.Status == succeeded || si.Status == canceled || si.Status == processing {
		return nil, setupUnexpectedState("You cannot cancel this SetupIntent because it has a status of "+si.Status+". Only a SetupIntent with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.", si)
	}
	si.Status, si.CancelReason, si.NextAction = canceled, text(reason), nil
	r.emit("setup_intent.canceled", si)
	return si, nil
}

func (r *request) confirmSetupIntent() (any, *apiError) {
	si, e := r.setupIntent()
	if e != nil {
		return nil, e
	}
	c, e := r.readConfirmation(false)
	if e == nil {
		e = r.params.finish()
	}
	if e != nil {
		return nil, e
	}
	if si.Status == succeeded || si.Status == canceled || si.Status == processing {
		return nil, setupUnexpectedState("You cannot confirm this SetupIntent because it has a status of "+si.Status+".", si)
	}
	m, e := r.methodOf(c)
	if e == nil && m != nil {
		e = r.usable(m, string(si.Customer), si.MethodTypes, "SetupIntent")
	}
	if e != nil {
		return nil, e
	}
	if m != nil {
		si.PaymentMethod = text(m.ID)
	}
	if si.PaymentMethod == "" {
		return nil, setupUnexpectedState("You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.", si)
	}
	return orError(si, r.confirmSetup(si, c))
}

// confirmSetup tries to keep the method.
func (r *request) confirmSetup(si *setupIntent, c confirmation) *apiError {
	m, e := r.method(string(si.PaymentMethod), "payment_method")
	if e != nil {
		return e
	}
	si.NextAction, si.LastError, si.Own.ReturnURL = nil, nil, c.ReturnURL
	if m.Type != "card" {
		return r.confirmDebitSetup(si, m, c)
	}
	if refused := m.Own.Card.behaviour().Attach; refused != nil {
		return r.failSetup(si, newIntentError("card_error", *refused, "", m))
	}
	switch m.Own.Card.behaviour().Challenge {
	case never, onSessionOnly:
		r.completeSetup(si, m)
	default:
		si.Status = requiresAction
		si.NextAction = r.challengeAction(si.ID, si.ClientSecret, c)
		r.emit("setup_intent.requires_action", si)
	}
	return nil
}

// authenticateSetup ends a challenge.
func (r *request) authenticateSetup(si *setupIntent, passed bool) *apiError {
	if si.Status != requiresAction || si.NextAction == nil || si.NextAction.Microdeposits != nil {
		return setupUnexpectedState("This SetupIntent does not wait for authentication: its status is "+si.Status+".", si)
	}
	m, e := r.method(string(si.PaymentMethod), "payment_method")
	if e != nil {
		return e
	}
	si.NextAction = nil
	if !passed {
		e := r.failSetup(si, newIntentError("invalid_request_error", setupAuthFailed, "", m))
		e.Status = 400
		return e
	}
	r.completeSetup(si, m)
	return nil
}

func (r *request) completeSetup(si *setupIntent, m *paymentMethod) {
	si.Status, si.NextAction = succeeded, nil
	m.Own.SetUp = true
	if m.Type != "card" {
		m.Own.Verified = true
		one := r.newMandate(m)
		si.Mandate = text(one.ID)
		r.emit("mandate.updated", one)
	}
	if si.Customer != "" && m.Customer == "" {
		m.Customer = si.Customer
		r.emit("payment_method.attached", m)
	}
	r.emit("setup_intent.succeeded", si)
}

func (r *request) failSetup(si *setupIntent, last *intentError) *apiError {
	si.Status, si.PaymentMethod, si.LastError, si.NextAction = requiresPaymentMethod, "", last, nil
	r.emit("setup_intent.setup_failed", si)
	return &apiError{Status: 402, Type: last.Type, Code: last.Code, DeclineCode: last.DeclineCode, Message: last.Message, Param: last.Param,
		Setup: si, Method: last.PaymentMethod}
}

func (r *request) listSetupIntents() (any, *apiError) {
	customer, method := r.params.str("customer"), r.params.str("payment_method")
	span := r.createdFilter()
	return page(r, &r.account.SetupIntents, func(si *setupIntent) bool {
		return (customer == "" || string(si.Customer) == customer) && (method == "" || string(si.PaymentMethod) == method) && span.holds(si.Created)
	})
}
