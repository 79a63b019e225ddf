package stripe

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	stripego "github.com/stripe/stripe-go/v76"
)

// AccountInfo is what Stripe says of the account that a key belongs to.
type AccountInfo struct {
	ID              string // "acct_…"
	Name            string // as customers know it
	Email           string
	Country         string
	DefaultCurrency string
	ChargesEnabled  bool
	PayoutsEnabled  bool
}

// RetrieveAccount asks Stripe whose key this is: the test of a key. A restricted key may lack the permission.
func (a *Account) RetrieveAccount(ctx context.Context) (*AccountInfo, error) {
	params := &stripego.AccountParams{}
	return send(ctx, a, request{operation: "account.retrieve"}, &params.Params, func() (*answer, error) {
		// The library's Accounts.Get takes no context.
		acct := &stripego.Account{}
		err := a.backend.Call(http.MethodGet, "/v1/account", a.key, params, acct)
		return acct.LastResponse, err
	}, decodeAccount)
}

// Livemode tells from the key alone whether it is a live one; ok is false for what is no secret key at all.
func Livemode(secretKey string) (live, ok bool) {
	switch {
	case strings.HasPrefix(secretKey, "sk_live_"), strings.HasPrefix(secretKey, "rk_live_"):
		return true, true
	case strings.HasPrefix(secretKey, "sk_test_"), strings.HasPrefix(secretKey, "rk_test_"):
		return false, true
	}
	return false, false
}

func decodeAccount(raw []byte) (*AccountInfo, error) {
	var w struct {
		ID, Email, Country string
		DefaultCurrency    string `json:"default_currency"`
		ChargesEnabled     bool   `json:"charges_enabled"`
		PayoutsEnabled     bool   `json:"payouts_enabled"`
		BusinessProfile    *struct {
			Name string
		} `json:"business_profile"`
		Settings *struct {
			Dashboard struct {
				DisplayName string `json:"display_name"`
			}
		}
	}
	if err := decodeObject(raw, "account", &w); err != nil {
		return nil, err
	}
	info := &AccountInfo{ID: w.ID, Email: w.Email, Country: w.Country, DefaultCurrency: w.DefaultCurrency,
		ChargesEnabled: w.ChargesEnabled, PayoutsEnabled: w.PayoutsEnabled}
	if w.BusinessProfile != nil {
		info.Name = w.BusinessProfile.Name
	}
	if info.Name == "" && w.Settings != nil {
		info.Name = w.Settings.Dashboard.DisplayName
	}
	return info, nil
}

// Endpoint is a webhook endpoint at Stripe.
type Endpoint struct {
	ID       string
	URL      string
	Status   string // "enabled" or "disabled"
	Secret   string // signing secret; only in the answer to the creation, never logged
	Events   []string
	Version  string
	Metadata map[string]string
}

// LogValue keeps the signing secret out of logs.
func (e *Endpoint) LogValue() slog.Value { return slog.StringValue(e.ID + " " + e.Status) }

// EndpointParams describes a webhook endpoint to create.
type EndpointParams struct {
	URL         string
	Events      []string // types
	Description string
	Metadata    map[string]string
}

// CreateEndpoint has Stripe send events to an address, in this library's API version.
func (a *Account) CreateEndpoint(ctx context.Context, key string, p EndpointParams) (*Endpoint, error) {
	params := &stripego.WebhookEndpointParams{URL: &p.URL, EnabledEvents: stripego.StringSlice(p.Events), Description: optional(p.Description),
		Metadata: p.Metadata, APIVersion: stripego.String(APIVersion)}
	return send(ctx, a, request{operation: "webhook_endpoint.create", key: key, write: true}, &params.Params, func() (*answer, error) {
		e, err := a.api.WebhookEndpoints.New(params)
		return e.LastResponse, err
	}, decodeEndpoint)
}

// ListEndpoints lists the account's webhook endpoints, without their secrets.
func (a *Account) ListEndpoints(ctx context.Context) ([]*Endpoint, error) {
	params := &stripego.WebhookEndpointListParams{}
	return listAll(ctx, a, listQuery{request{operation: "webhook_endpoint.list"}, &params.ListParams, func() (*answer, error) {
		it := a.api.WebhookEndpoints.List(params)
		return it.WebhookEndpointList().LastResponse, it.Err()
	}}, decodeEndpoint)
}

// DeleteEndpoint ends an endpoint.
func (a *Account) DeleteEndpoint(ctx context.Context, key, id string) error {
	params := &stripego.WebhookEndpointParams{}
	_, err := send(ctx, a, request{operation: "webhook_endpoint.delete", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		e, err := a.api.WebhookEndpoints.Del(id, params)
		return e.LastResponse, err
	}, decodeAny)
	return err
}

func decodeEndpoint(raw []byte) (*Endpoint, error) {
	var w struct {
		ID, URL, Status, Secret string
		Events                  []string        `json:"enabled_events"`
		Version                 json.RawMessage `json:"api_version"`
		Metadata                map[string]string
	}
	if err := decodeObject(raw, "webhook_endpoint", &w); err != nil {
		return nil, err
	}
	e := &Endpoint{ID: w.ID, URL: w.URL, Status: w.Status, Secret: w.Secret, Events: w.Events, Metadata: w.Metadata}
	_ = json.Unmarshal(w.Version, &e.Version) // null for the account's default version
	return e, nil
}
