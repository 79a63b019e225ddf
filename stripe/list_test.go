package stripe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paytond/stripe"
)

// TestEndlessListProvesNothing asks an account that has more objects than are read what became of a call. What is not among them may be
// further on, so the answer is that nothing is known, never that Stripe has nothing.
func TestEndlessListProvesNothing(t *testing.T) {
	pages := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages++
		object := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/v1/"), "s")
		var list []string
		for i := range 100 {
			list = append(list, fmt.Sprintf(`{"id":"%s_%d_%d","object":%q,"created":1700000000,"metadata":{"key":"another"}}`, object, pages, i, object))
		}
		fmt.Fprintf(w, `{"object":"list","has_more":true,"data":[%s]}`, strings.Join(list, ","))
	}))
	defer server.Close()
	gateway := stripe.New(stripe.Config{APIBase: server.URL, Rate: -1})
	defer gateway.Close()
	a, key, since := gateway.Account(testKey), map[string]string{"key": "ours"}, time.Now().Add(-time.Hour)
	asked := map[string]func(context.Context) (int, error){
		"payment intents": func(ctx context.Context) (int, error) {
			found, err := a.FindPaymentIntents(ctx, stripe.Lookup{Since: since, Metadata: key})
			return len(found), err
		},
		"charges": func(ctx context.Context) (int, error) {
			found, err := a.FindCharges(ctx, stripe.Lookup{Since: since, Metadata: key})
			return len(found), err
		},
		"customers": func(ctx context.Context) (int, error) {
			found, err := a.FindCustomers(ctx, "", since, time.Time{}, key)
			return len(found), err
		},
		"refunds": func(ctx context.Context) (int, error) {
			found, err := a.ListRefunds(ctx, "ch_1", "")
			return len(found), err
		},
		"balance": func(ctx context.Context) (int, error) {
			found, err := a.ListBalance(ctx, since, since.Add(time.Hour))
			return len(found), err
		},
	}
	for name, ask := range asked {
		pages = 0
		n, err := ask(t.Context())
		e := stripe.AsError(err)
		if n != 0 || e == nil || e.Kind != stripe.TooMany || stripe.OutcomeOf(err) != stripe.Unknown {
			t.Errorf("%s: found %d, error %v", name, n, err)
		}
		if pages != 100 {
			t.Errorf("%s: %d pages were read", name, pages)
		}
	}
}
