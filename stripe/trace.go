package stripe

import (
	"context"
	"net/http/httptrace"
)

// withSendTrace notes when the request's head was handed to a connection: before that moment Stripe cannot have acted.
func withSendTrace(ctx context.Context, seen *observation) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { seen.sent = true },
	})
}
