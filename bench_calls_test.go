package main

import (
	"testing"

	"paytond/sql/sqltest"
)

// TestBenchCalls measures a little: what it holds is that both servers answer, and alike.
func TestBenchCalls(t *testing.T) {
	for _, uri := range []string{"sqlite://", sqltest.PostgresURI(t)} {
		b := benchCalls{Payments: 20, Rounds: 2, URI: uri}
		results, err := b.measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Ours <= 0 || r.Hand <= 0 {
				t.Errorf("%s took %v, and by hand %v", r.Name, r.Ours, r.Hand)
			}
			t.Logf("%s: %.2f", r.Name, r.Ratio())
		}
	}
}
