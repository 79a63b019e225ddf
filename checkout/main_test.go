package checkout_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"paytond/models/modelstest"
	"paytond/stripe/mocktest"
)

func TestMain(m *testing.M) {
	code := mocktest.Main(func() int { return modelstest.Main(m) })
	// A pool of database/sql ends its goroutine after Close has returned; goleak waits for it.
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
