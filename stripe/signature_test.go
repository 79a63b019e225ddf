package stripe_test

import (
	"testing"
	"time"

	"paytond/stripe"
)

// FuzzSignature gives VerifyEvent any header: without the secret nobody finds one that is taken.
func FuzzSignature(f *testing.F) {
	for _, seed := range []string{"", "t=1", "t=1,v1=", "t=,v1=00", "v1=00,v1=00", "t=1700000000,v1=zz", "t=1700000000,v0=00", "t=99999999999999999999,v1=00",
		"t=1700000000,v1=0000000000000000000000000000000000000000000000000000000000000000", ",,,===", "t=-1,v1=00", "\x00"} {
		f.Add([]byte(eventJSON), seed)
	}
	f.Fuzz(func(t *testing.T, payload []byte, header string) {
		e, err := stripe.VerifyEvent(payload, header, []string{"whsec_that_nobody_knows"}, stripe.DefaultTolerance, time.Unix(1700000000, 0))
		if err == nil {
			t.Fatalf("%q is taken: %v", header, e)
		}
	})
}
