//go:build unix

package main

import (
	"os/exec"
	"testing"

	"paytond/sql/sqltest"
)

// TestNeverTwiceNeverLost kills servers while they post, on both databases, once while Stripe fails, too, and compares Stripe's ledger with
// the payments: the short form of what the README tells to run.
func TestNeverTwiceNeverLost(t *testing.T) {
	binary := build(t)
	for name, args := range map[string][]string{
		"sqlite":     {"--uri", "sqlite://"},
		"postgresql": {"--uri", sqltest.PostgresURI(t), "--servers", "4"},
		"chaos":      {"--uri", sqltest.PostgresURI(t), "--servers", "4", "--chaos", "--payments", "24", "--kills", "4"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"bench", "faults", "--payments", "60", "--kills", "10"}, args...)
			out, err := exec.CommandContext(t.Context(), binary, args...).CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
