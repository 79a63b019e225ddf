package value

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	d, err := ParseDate("2024-02-29")
	if err != nil || d != (Date{2024, time.February, 29}) || d.String() != "2024-02-29" {
		t.Errorf("got %v, %v", d, err)
	}
	for _, text := range []string{"", "2023-02-29", "2024-13-01", "2024-1-1", "0000-01-01", "10000-01-01", "2024-02-29 ", "2024-02-29T00:00:00Z"} {
		if d, err := ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", text, d)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	d := MustParseDate("2024-02-28")
	for n, want := range map[int]string{1: "2024-02-29", 2: "2024-03-01", -59: "2023-12-31", 366: "2025-02-28", 0: "2024-02-28"} {
		got := d.AddDays(n)
		if got.String() != want || got.DaysSince(d) != n {
			t.Errorf("%s + %d days = %s (%d days later), want %s", d, n, got, got.DaysSince(d), want)
		}
	}
	if first, last := MustParseDate("0001-01-01"), MustParseDate("9999-12-31"); last.DaysSince(first) != 3652058 {
		t.Errorf("%d days", last.DaysSince(first))
	}
}

func TestTodayIsOfTheZone(t *testing.T) {
	east := time.FixedZone("east", 10*60*60)
	now := time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC)
	if got := Today(now); got.String() != "2026-11-24" {
		t.Errorf("UTC: %s", got)
	}
	if got := Today(now.In(east)); got.String() != "2026-11-25" {
		t.Errorf("east: %s", got)
	}
}

func TestDateOrder(t *testing.T) {
	days := []Date{MustParseDate("2023-12-31"), MustParseDate("2024-01-01"), MustParseDate("2024-01-02"), MustParseDate("2024-02-01")}
	if !slices.IsSortedFunc(days, Date.Compare) {
		t.Error("not in order")
	}
	if !days[0].Before(days[1]) || !days[3].After(days[2]) || days[1].Before(days[1]) {
		t.Error("Before or After is wrong")
	}
	if (Date{2024, 2, 30}).Valid() || (Date{}).Valid() || !(Date{}).IsZero() {
		t.Error("Valid or IsZero is wrong")
	}
}

func TestTimeOfDay(t *testing.T) {
	for text, want := range map[string]TimeOfDay{
		"00:00": {}, "23:59:59": {23, 59, 59, 0}, "01:02:03.000004": {1, 2, 3, 4}, "01:02:03.5": {1, 2, 3, 500000},
	} {
		if got, err := ParseTimeOfDay(text); err != nil || got != want {
			t.Errorf("ParseTimeOfDay(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "24:00", "1", "01:60", "01:02:60", "-1:00"} {
		if got, err := ParseTimeOfDay(text); err == nil {
			t.Errorf("ParseTimeOfDay(%q) = %v, want an error", text, got)
		}
	}
	if _, err := NewTimeOfDay(1, 2, 3, 1_000_000); err == nil {
		t.Error("a million microseconds went through")
	}
}

func TestDateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := MustParseDate("0001-01-01").AddDays(rapid.IntRange(0, 3652058).Draw(t, "days"))
		c := TimeOfDay{rapid.IntRange(0, 23).Draw(t, "h"), rapid.IntRange(0, 59).Draw(t, "m"), rapid.IntRange(0, 59).Draw(t, "s"), rapid.IntRange(0, 999999).Draw(t, "us")}
		if back, err := ParseDate(d.String()); err != nil || back != d || !d.Valid() {
			t.Fatalf("%v read back %v, %v", d, back, err)
		}
		if back, err := ParseTimeOfDay(c.String()); err != nil || back != c || !c.Valid() {
			t.Fatalf("%v read back %v, %v", c, back, err)
		}
		if at := At(d, c); DateOf(at) != d || TimeOfDayOf(at) != c {
			t.Fatalf("%v %v became %v", d, c, at)
		}
	})
}

func TestReference(t *testing.T) {
	for text, want := range map[string]Reference{
		"account.payment,12": {"account.payment", 12}, "account.payment,-1": {"account.payment", NoID}, "account.payment,": {"account.payment", NoID},
	} {
		if got, err := ParseReference(text); err != nil || got != want {
			t.Errorf("ParseReference(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", ",", ",1", "account.payment", "a,b", "a,1,2", "a,-2", "a,+1", "a,01", "a,1 ", "a,99999999999999999999", "a b,1", "a%,1"} {
		if got, err := ParseReference(text); err == nil {
			t.Errorf("ParseReference(%q) = %v, want an error", text, got)
		}
	}
	if s := (Reference{}).String(); s != "" {
		t.Errorf("zero value is %q", s)
	}
}

func TestColumns(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 4, 5, 6000, time.UTC)
	var d Date
	var c TimeOfDay
	var r Reference
	for _, err := range []error{d.Scan(at), c.Scan(at), r.Scan([]byte("a.b,3"))} {
		if err != nil {
			t.Error(err)
		}
	}
	if d.String() != "2026-11-24" || c.String() != "03:04:05.000006" || r.String() != "a.b,3" {
		t.Errorf("got %s, %s, %s", d, c, r)
	}
	for _, err := range []error{d.Scan("2026-12-01"), c.Scan([]byte("10:00:00")), r.Scan(nil)} {
		if err != nil {
			t.Error(err)
		}
	}
	dv, _ := d.Value()
	cv, _ := c.Value()
	rv, _ := r.Value()
	if dv != "2026-12-01" || cv != "10:00:00" || rv != nil {
		t.Errorf("got %v, %v, %v", dv, cv, rv)
	}
	for _, err := range []error{d.Scan(1.5), c.Scan(nil), r.Scan("x"), d.Scan("x"), c.Scan("25:00")} {
		if err == nil {
			t.Error("a wrong source was accepted")
		}
	}
	if _, err := (Date{}).Value(); err == nil {
		t.Error("no day was written as one")
	}
}
