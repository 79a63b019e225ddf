package stripe

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// DefaultTolerance is how old (or how far ahead) a signature may be.
const DefaultTolerance = webhook.DefaultTolerance

// Why a webhook's request was not accepted.
var (
	ErrNotSigned    = errors.New("the event is not signed")
	ErrBadSignature = errors.New("the event's signature does not fit")
	ErrTooOld       = errors.New("the event's signature is too old")
	ErrNoSecret     = errors.New("there is no signing secret to verify the event with")
)

// VerifyEvent reads an event that was signed with any of the secrets. The header is Stripe-Signature as received.
// A tolerance of 0 means DefaultTolerance. The library's own verification reads the wall clock and knows one secret, so
// only its signature function is used; the comparison takes constant time.
func VerifyEvent(payload []byte, header string, secrets []string, tolerance time.Duration, now time.Time) (*Event, error) {
	if tolerance == 0 {
		tolerance = DefaultTolerance
	}
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == "" })
	if len(secrets) == 0 {
		return nil, ErrNoSecret
	}
	signed, signatures, err := parseSignature(header)
	if err != nil {
		return nil, err
	}
	if !signedByAny(payload, signed, signatures, secrets) {
		return nil, ErrBadSignature
	}
	if age := now.Sub(signed); age > tolerance || age < -tolerance {
		return nil, ErrTooOld
	}
	return ParseEvent(payload)
}

// SignatureHeader makes the Stripe-Signature header of a payload.
func SignatureHeader(payload []byte, secret string, at time.Time) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(webhook.ComputeSignature(at, payload, secret)))
}

// parseSignature reads "t=1495999758,v1=ABC,v1=DEF,v0=GHI"; unknown schemes are passed over.
func parseSignature(header string) (time.Time, [][]byte, error) {
	if header == "" {
		return time.Time{}, nil, ErrNotSigned
	}
	var at int64
	var signatures [][]byte
	for _, pair := range strings.Split(header, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			return time.Time{}, nil, ErrBadSignature
		}
		switch name {
		case "t":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return time.Time{}, nil, ErrBadSignature
			}
			at = n
		case "v1":
			if b, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, b)
			}
		}
	}
	if at == 0 || len(signatures) == 0 {
		return time.Time{}, nil, ErrBadSignature
	}
	return time.Unix(at, 0), signatures, nil
}

func signedByAny(payload []byte, at time.Time, signatures [][]byte, secrets []string) bool {
	found := false
	for _, secret := range secrets {
		want := webhook.ComputeSignature(at, payload, secret)
		for _, got := range signatures {
			if hmac.Equal(want, got) {
				found = true
			}
		}
	}
	return found
}
