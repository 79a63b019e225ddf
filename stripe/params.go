package stripe

import (
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// optional leaves a parameter out when it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// optionalAmount leaves an amount out when it is 0, which no parameter of Stripe's means.
func optionalAmount(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

func optionalTrue(b bool) *bool {
	if !b {
		return nil
	}
	return &b
}

func optionalSlice(s []string) []*string {
	if len(s) == 0 {
		return nil
	}
	return stripego.StringSlice(s)
}

// createdRange includes both ends; zero times are open ends.
func createdRange(since, until time.Time) *stripego.RangeQueryParams {
	if since.IsZero() && until.IsZero() {
		return nil
	}
	r := &stripego.RangeQueryParams{}
	if !since.IsZero() {
		r.GreaterThanOrEqual = since.Unix()
	}
	if !until.IsZero() {
		r.LesserThanOrEqual = until.Unix()
	}
	return r
}

// matching keeps what has every pair of match in its metadata.
func matching[T any](all []T, match map[string]string, metadata func(T) map[string]string) []T {
	var kept []T
	for _, one := range all {
		has := metadata(one)
		fits := true
		for k, v := range match {
			got, ok := has[k]
			fits = fits && ok && got == v
		}
		if fits {
			kept = append(kept, one)
		}
	}
	return kept
}
