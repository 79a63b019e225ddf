package paymentstripe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/stripe"
)

// laneClock is a lane of a bound, with a clock that the test moves.
func laneClock(most int) (*lane, *time.Time) {
	now := time.Unix(1_000_000, 0)
	all := newLanes(most)
	all.now = func() time.Time { return now }
	return all.of("sk_test_lane"), &now
}

func refusal(at time.Time) stripe.Call {
	return stripe.Call{HTTPStatus: 429, ErrorCode: "rate_limit", Started: at}
}

func TestLaneNarrowsOnRefusalsAndRecovers(t *testing.T) {
	l, now := laneClock(8)
	s := l.sit()
	if n, _, _ := s.take(); n != 8 {
		t.Fatalf("%d may begin, want 8", n)
	}
	s.giveBack(8)
	take := func() int {
		n, _, _ := s.take()
		s.giveBack(n)
		return n
	}
	*now = now.Add(time.Second)
	l.hear(refusal(*now), 0)
	l.hear(refusal(now.Add(-time.Millisecond)), 0) // it was under way when the other was refused
	if n := take(); n != 4 {
		t.Errorf("after a refusal %d may begin, want 4", n)
	}
	l.hear(stripe.Call{HTTPStatus: 429, ErrorCode: "lock_timeout", Started: now.Add(time.Second)}, 0)
	if n := take(); n != 4 {
		t.Errorf("after a locked object %d may begin, want 4", n)
	}
	*now = now.Add(time.Second)
	l.hear(refusal(*now), 5*time.Second)
	if n, again, _ := s.take(); n != 0 || again != 5*time.Second {
		t.Errorf("%d may begin, and again after %s, though Stripe asked for 5 s", n, again)
	}
	*now = now.Add(5 * time.Second)
	if n := take(); n != 2 {
		t.Errorf("after two refusals %d may begin, want 2", n)
	}
	for i, want := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second} {
		*now = now.Add(lastPause)
		l.hear(refusal(*now), 0)
		if n, again, _ := s.take(); want > 0 && (n != 0 || again != want) || want == 0 && n != 1 {
			t.Errorf("refusal %d: %d may begin, and again after %s, want %s", i, n, again, want)
		} else {
			s.giveBack(n)
		}
	}
	*now = now.Add(lastPause)
	answers := 0
	for ; take() < 8; answers++ {
		if answers == 1000 {
			t.Fatal("the lane does not recover")
		}
		l.hear(stripe.Call{HTTPStatus: 200}, 0)
	}
	if answers < 20 {
		t.Errorf("%d answers have widened the lane from 1 to 8", answers)
	}
}

// TestSeatsShareALane has two databases work for one account: whoever came first leaves half of it to the other.
func TestSeatsShareALane(t *testing.T) {
	l, _ := laneClock(8)
	one := l.sit()
	if n, _, _ := one.take(); n != 8 {
		t.Fatalf("alone %d may begin", n)
	}
	two := l.sit()
	if n, _, _ := two.take(); n != 0 {
		t.Fatalf("%d may begin beside 8", n)
	}
	_, _, changed := two.take()
	one.giveBack(1)
	select {
	case <-changed:
	default:
		t.Fatal("nobody is told that there is room")
	}
	if n, _, _ := one.take(); n != 0 {
		t.Errorf("who has more than his share may begin %d", n)
	}
	if n, _, _ := two.take(); n != 1 {
		t.Errorf("who has nothing may begin %d, want 1", n)
	}
	one.giveBack(7)
	if n, _, _ := two.take(); n != 3 {
		t.Errorf("he may begin %d more, want 3", n)
	}
	one.leave()
	if n, _, _ := two.take(); n != 4 {
		t.Errorf("alone he may begin %d more, want 4", n)
	}
	two.leave()
	if l.inFlight != 0 || len(l.seats) != 0 {
		t.Errorf("in the end %d are in flight on %d seats", l.inFlight, len(l.seats))
	}
}

// TestSeatsTakeTurns has more seats than there are places: each gets its turn, who came first before the others, and none goes twice while
// another waits.
func TestSeatsTakeTurns(t *testing.T) {
	l, _ := laneClock(1)
	seats := []*seat{l.sit(), l.sit(), l.sit()}
	var turns []int
	at := 0
	for range 9 {
		for i := range seats { // who has just ended asks first, as he is awake
			i = (at + i) % len(seats)
			if n, _, _ := seats[i].take(); n > 0 {
				turns, at = append(turns, i), i
			}
		}
		seats[at].giveBack(1)
	}
	if diff := cmp.Diff([]int{0, 1, 2, 0, 1, 2, 0, 1, 2}, turns); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
	seats[1].leave() // with his place in the line
	turns = nil
	for range 4 {
		for _, i := range []int{0, 2} {
			if n, _, _ := seats[i].take(); n > 0 {
				turns = append(turns, i)
				seats[i].giveBack(1)
			}
		}
	}
	if len(turns) != 8 {
		t.Errorf("two of them have had %v", turns)
	}
}
