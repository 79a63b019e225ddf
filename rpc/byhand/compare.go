package byhand

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"time"

	"paytond/models"
	"paytond/models/payment"
	"paytond/models/value"
)

// Config is a comparison. The database is a new one with the records.
type Config struct {
	Payments        int    // how many payments to make
	Rounds          int    // how many rounds to measure; in each, both are called in turn
	Address         string // of the program, with the database's name: http://HOST:PORT/NAME/
	Login, Password string
	Database        *models.Database
	Company         *models.Record
	Journal, Party  *models.Record // of the payments
}

// perRound is how often each is called in a round.
const perRound = 10

// Result is the median time of a call.
type Result struct {
	Name       string
	Ours, Hand time.Duration
}

// Ratio is the part of the speed of the handler by hand that ours has: 1 is as fast.
func (r Result) Ratio() float64 { return float64(r.Hand) / float64(r.Ours) }

// Compare makes payments and measures the calls of a list of them. It is an error that the two answer differently.
func Compare(ctx context.Context, c Config) (results []Result, err error) {
	ids, err := c.makePayments(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	hand := &http.Server{Handler: newHandler(c.Database.SQL, c.Company.ID()), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- hand.Serve(listener) }()
	defer func() {
		err = errors.Join(err, hand.Close())
		if e := <-served; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}()
	both := callers{http: &http.Client{Transport: &http.Transport{DisableCompression: true}}, ours: c.Address, hand: "http://" + listener.Addr().String() + "/"}
	defer both.http.CloseIdleConnections()
	if err := both.login(ctx, c.Login, c.Password); err != nil {
		return nil, err
	}
	for _, call := range c.calls(ids) {
		r, err := both.compare(ctx, call, c.Rounds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", call.name, err)
		}
		results = append(results, r)
	}
	return results, nil
}

// makePayments makes drafts, in one transaction, and returns their ids.
func (c Config) makePayments(ctx context.Context) (ids []int64, err error) {
	err = c.Database.Transact(ctx, models.Request{Context: map[string]any{"company": c.Company.ID()}}, func(tx *models.Tx) error {
		ids = nil
		p := payment.Payment
		for n := range c.Payments {
			made, err := p.Create(tx, p.Journal.To(c.Journal), p.Kind.To(payment.Receivable), p.Party.To(c.Party), p.Amount.To(value.FromInt(int64(n+1))))
			if err != nil {
				return err
			}
			ids = append(ids, made.ID())
		}
		return nil
	})
	return ids, err
}

// measured is a call that is measured. One that reads is answered alike by both.
type measured struct {
	name, method string
	params       []any
	reads        bool
}

// listed are the fields that a list of payments shows.
var listed = []string{"amount", "date", "state", "kind", "description", "party.rec_name", "journal.rec_name"}

func (c Config) calls(ids []int64) []measured {
	const page = 100
	ids = ids[:min(page, len(ids))]
	values := map[string]any{"journal": c.Journal.ID(), "party": c.Party.ID(), "kind": "receivable", "description": "Bench",
		"amount": map[string]any{"__class__": "Decimal", "decimal": "12.34"},
		"date":   map[string]any{"__class__": "date", "year": 2026, "month": 11, "day": 24}}
	order := []any{[]any{"date", "DESC"}, []any{"id", nil}}
	return []measured{
		{"read of 1", "read", []any{ids[:1], listed}, true},
		{fmt.Sprintf("read of %d", len(ids)), "read", []any{ids, listed}, true},
		{fmt.Sprintf("search_read of %d", len(ids)), "search_read", []any{[]any{[]any{"state", "=", "draft"}}, 0, page, order, listed}, true},
		{"default_get", "default_get", []any{[]string{"company", "date", "kind", "state"}}, true},
		{"create", "create", []any{[]any{values}}, false},
	}
}

// callers calls both servers.
type callers struct {
	http          *http.Client
	ours, hand    string
	authorization string
	context       map[string]any
}

// login logs in and reads the user's context, as clients do.
func (c *callers) login(ctx context.Context, login, password string) error {
	answer, err := c.post(ctx, c.ours, "common.db.login", []any{login, map[string]any{"device_cookie": nil, "password": password}, "en"})
	if err != nil {
		return err
	}
	pair, _ := answer.([]any)
	if len(pair) != 2 {
		return fmt.Errorf("login of %s: %v", login, answer)
	}
	c.authorization = "Session " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%v:%v", login, pair[0], pair[1]))
	preferences, err := c.post(ctx, c.ours, "model.res.user.get_preferences", []any{true, map[string]any{}})
	c.context, _ = preferences.(map[string]any)
	return err
}

// post makes a call and returns its result; what is no result is an error.
func (c *callers) post(ctx context.Context, address, method string, params []any) (any, error) {
	body, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	text, err := c.send(ctx, address, body)
	if err != nil {
		return nil, err
	}
	var answer struct{ Result, Error any }
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	if answer.Error != nil {
		return nil, fmt.Errorf("%s: %v", method, answer.Error)
	}
	return answer.Result, nil
}

func (c *callers) send(ctx context.Context, address string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", c.authorization)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	return text, err
}

// compare calls both until rounds are done, and says how long each took.
func (c *callers) compare(ctx context.Context, call measured, rounds int) (Result, error) {
	method, params := "model.account.payment."+call.method, append(slices.Clone(call.params), c.context)
	if err := c.agree(ctx, call, method, params); err != nil {
		return Result{}, err
	}
	body, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		return Result{}, err
	}
	times := map[string][]time.Duration{}
	for range rounds {
		for _, address := range []string{c.ours, c.hand} {
			for range perRound {
				started := time.Now()
				if _, err := c.send(ctx, address, body); err != nil {
					return Result{}, err
				}
				times[address] = append(times[address], time.Since(started))
			}
		}
	}
	return Result{call.name, median(times[c.ours]), median(times[c.hand])}, nil
}

// agree makes sure that the handler by hand does the same: what both answer is equal, and what both created reads equal.
func (c *callers) agree(ctx context.Context, call measured, method string, params []any) error {
	var answers []any
	for _, address := range []string{c.ours, c.hand} {
		answer, err := c.post(ctx, address, method, params)
		if err == nil && !call.reads {
			answer, err = c.post(ctx, c.ours, "model.account.payment.read", []any{answer, append(slices.Clone(listed), "company", "currency_digits"), c.context})
			if rows, ok := answer.([]any); ok && len(rows) == 1 {
				delete(rows[0].(map[string]any), "id")
			}
		}
		if err != nil {
			return err
		}
		answers = append(answers, answer)
	}
	if !reflect.DeepEqual(answers[0], answers[1]) {
		return fmt.Errorf("the answers differ: %v, and by hand %v", answers[0], answers[1])
	}
	return nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
