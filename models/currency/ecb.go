package currency

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"

	"paytond/models"
	"paytond/models/value"
)

// ECB is the daily feed of the European Central Bank: rates against the euro.
type ECB struct {
	// URL is the address of the feeds, without the name of one.
	URL string
	// Fetch reads what is at an address; the program gives it, as models speak
	// no HTTP. It gives up soon: the transaction that wants the rates waits for it.
	Fetch func(ctx context.Context, url string) (io.ReadCloser, error)
}

var _ Source = ECB{}

// NewECB is the bank's public feed, read by fetch.
func NewECB(fetch func(ctx context.Context, url string) (io.ReadCloser, error)) ECB {
	return ECB{URL: "https://www.ecb.europa.eu/stats/eurofxref/", Fetch: fetch}
}

const maxFeed = 32 << 20

type feed struct {
	Days []struct {
		Day   string `xml:"time,attr"`
		Rates []struct {
			Code string `xml:"currency,attr"`
			Rate string `xml:"rate,attr"`
		} `xml:"Cube"`
	} `xml:"Cube>Cube"`
}

// Rates reads the smallest of the bank's feeds that reaches back to since.
func (e ECB) Rates(ctx context.Context, since, today value.Date) (map[value.Date]map[string]value.Decimal, error) {
	name := "eurofxref-hist-90d.xml"
	if today.DaysSince(since) > 80 { // room for days without trade before since
		name = "eurofxref-hist.xml"
	}
	if e.Fetch == nil {
		return nil, models.UserError("Rates cannot be fetched: this server has no access to the bank's feed.")
	}
	body, err := e.Fetch(ctx, e.URL+name)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return parseFeed(io.LimitReader(body, maxFeed))
}

func parseFeed(r io.Reader) (map[value.Date]map[string]value.Decimal, error) {
	var f feed
	if err := xml.NewDecoder(r).Decode(&f); err != nil {
		return nil, fmt.Errorf("feed of rates: %w", err)
	}
	days := make(map[value.Date]map[string]value.Decimal, len(f.Days))
	for _, d := range f.Days {
		day, err := value.ParseDate(d.Day)
		if err != nil {
			return nil, fmt.Errorf("feed of rates: %w", err)
		}
		rates := map[string]value.Decimal{"EUR": value.FromInt(1)}
		for _, r := range d.Rates {
			if rates[r.Code], err = value.Parse(r.Rate); err != nil {
				return nil, fmt.Errorf("feed of rates: %w", err)
			}
		}
		days[day] = rates
	}
	return days, nil
}
