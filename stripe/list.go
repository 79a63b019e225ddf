package stripe

import (
	"context"
	"encoding/json"
	"fmt"

	stripego "github.com/stripe/stripe-go/v76"
)

// pageSize is what Stripe allows at most.
const pageSize = 100

// maxListed bounds what one list method reads, so that a filter that fits a whole account ends. What is longer is an error of kind TooMany.
const maxListed = 10000

// listQuery is the parameters of a list that can be read page by page.
type listQuery struct {
	request request
	params  *stripego.ListParams
	page    func() (*answer, error) // reads the page that params name
}

// listAll reads a list to its end, newest first, as Stripe lists; all of it or an error.
func listAll[T any](ctx context.Context, a *Account, q listQuery, decode func([]byte) (T, error)) ([]T, error) {
	var raws []json.RawMessage
	q.params.Single = true
	q.params.Limit = stripego.Int64(pageSize)
	for {
		page, err := a.readPage(ctx, q)
		if err != nil {
			return nil, err
		}
		raws = append(raws, page.Data...)
		if !page.HasMore || len(page.Data) == 0 {
			break
		}
		if len(raws) >= maxListed { // a part would be taken for the whole, and what is not in it for what Stripe has not
			return nil, &Error{Kind: TooMany, Message: fmt.Sprintf("Stripe has more than %d objects to list for %s", maxListed, q.request.operation)}
		}
		q.params.StartingAfter = stripego.String(objectID(page.Data[len(page.Data)-1]))
	}
	all, err := decodeAll(raws, decode)
	if err != nil {
		return nil, &Error{Kind: API, Message: "Stripe's answer could not be read", cause: err}
	}
	return all, nil
}

func (a *Account) readPage(ctx context.Context, q listQuery) (listPage, error) {
	carrier := &stripego.Params{}
	return send(ctx, a, q.request, carrier, func() (*answer, error) {
		q.params.Context = carrier.Context
		return q.page()
	}, decodePage)
}
