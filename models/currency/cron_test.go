package currency

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"paytond/models/value"

	"github.com/google/go-cmp/cmp"
)

func TestRhythm(t *testing.T) {
	for _, test := range []struct {
		name        string
		rhythm      rhythm
		last, today string
		want        string
	}{
		{"daily", rhythm{frequency: "daily"}, "2026-02-26", "2026-03-01", "2026-02-27 2026-02-28 2026-03-01"},
		{"nothing due", rhythm{frequency: "daily"}, "2026-03-01", "2026-03-01", ""},
		{"Mondays", rhythm{frequency: "weekly", weekday: 0}, "2026-11-22", "2026-12-01", "2026-11-23 2026-11-30"},
		{"Sundays", rhythm{frequency: "weekly", weekday: 6}, "2026-11-22", "2026-12-01", "2026-11-29"},
		{"ends of months", rhythm{frequency: "monthly", day: 31}, "2026-01-31", "2026-05-01", "2026-02-28 2026-03-31 2026-04-30"},
		{"over the year", rhythm{frequency: "monthly", day: 5}, "2026-11-05", "2027-01-10", "2026-12-05 2027-01-05"},
	} {
		var got []string
		for _, d := range test.rhythm.due(value.MustParseDate(test.last), value.MustParseDate(test.today)) {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

const sample = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube><Cube time="2026-11-20"><Cube currency="USD" rate="1.0500"/><Cube currency="JPY" rate="160.25"/></Cube>
<Cube time="2026-11-23"><Cube currency="USD" rate="1.1"/></Cube></Cube></gesmes:Envelope>`

// get reads an address as the program does.
func get(_ context.Context, url string) (io.ReadCloser, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, errors.New(response.Status)
	}
	return response.Body, nil
}

func TestECB(t *testing.T) {
	asked := make(chan string, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		if _, err := w.Write([]byte(sample)); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	source := ECB{URL: server.URL + "/", Fetch: get}
	today := value.MustParseDate("2026-11-24")
	rates, err := source.Rates(context.Background(), value.MustParseDate("2026-11-22"), today)
	if err != nil {
		t.Fatal(err)
	}
	if got := latest(rates, value.MustParseDate("2026-11-22"))["USD"].String(); got != "1.0500" {
		t.Errorf("the rate of Friday holds on Sunday: got %s", got)
	}
	if got := latest(rates, today)["USD"].String(); got != "1.1" {
		t.Errorf("the rate of Monday holds on Tuesday: got %s", got)
	}
	if latest(rates, value.MustParseDate("2026-11-19")) != nil {
		t.Error("there is no rate before the first")
	}
	if _, err := source.Rates(context.Background(), value.MustParseDate("2020-01-01"), today); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/eurofxref-hist-90d.xml", "/eurofxref-hist.xml"}, []string{<-asked, <-asked}); diff != "" {
		t.Error(diff)
	}
}

func TestECBFails(t *testing.T) {
	answers := map[string]func(http.ResponseWriter){
		"not there":   func(w http.ResponseWriter) { http.Error(w, "gone", http.StatusNotFound) },
		"no feed":     func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) },
		"bad rate":    func(w http.ResponseWriter) { _, _ = w.Write([]byte(strings.Replace(sample, "1.1", "NaN", 1))) },
		"bad day":     func(w http.ResponseWriter) { _, _ = w.Write([]byte(strings.Replace(sample, "2026-11-23", "x", 1))) },
		"cut in half": func(w http.ResponseWriter) { _, _ = w.Write([]byte(sample[:300])) },
	}
	for name, answer := range answers {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
		_, err := ECB{URL: server.URL + "/", Fetch: get}.Rates(context.Background(),
			value.MustParseDate("2026-11-22"), value.MustParseDate("2026-11-24"))
		server.Close()
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
