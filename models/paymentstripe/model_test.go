package paymentstripe

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"paytond/models/payment"
)

// TestEveryOrderOfEvents walks through all states that one payment, two servers and Stripe can reach, in steps that the engine, the
// network, the clock and a kill can take in any order, and checks in each that there is one object at Stripe at most and that the
// payment is not lost. What to do is decided by the engine's own choose and knowledge.next, with times of a few ticks that hold each
// other as the real ones do.
func TestEveryOrderOfEvents(t *testing.T) {
	seen := explore(t, modelTimes, true)
	t.Logf("%d states", seen)
	if seen < 10000 {
		t.Errorf("only %d states were reached: the steps do not work", seen)
	}
}

// TestTheModelFindsWhatWouldChargeTwice breaks each promise of the times and of the keys, and wants the model to notice.
func TestTheModelFindsWhatWouldChargeTwice(t *testing.T) {
	for what, times := range map[string]Times{
		"a look-up believed before the call has settled": {Work: 1, Lease: 2, Settle: 0, KeyLife: 3},
		"a key used for longer than Stripe remembers it": {Work: 1, Lease: 2, Settle: 3, KeyLife: 30},
	} {
		if explore(nil, times, true) >= 0 {
			t.Errorf("%s: not found", what)
		}
	}
	if explore(nil, modelTimes, false) >= 0 {
		t.Error("a refusal that hides an earlier call: not found")
	}
}

// The model's time goes in ticks.
var modelTimes = Times{Work: 1, Lease: 2, Settle: 3, KeyLife: 3}

const (
	executes = 1 // ticks within which Stripe executes what was sent, or never does
	memory   = 8 // ticks for which Stripe remembers a key: more than KeyLife + Work + Settle
	horizon  = 9 // ticks that are looked at
	maxRows  = 3 // attempts that are looked at
	maxKeys  = 2
)

// mRow is an attempt's row.
type mRow struct {
	key     int8
	outcome int8
	started int8
	repeat  bool
}

// Outcomes of the model's rows.
const (
	mBegun int8 = iota + 1
	mTouched
	mUntouched
	mUnsent
	mDone
	mResolved
)

// Phases of a server.
const (
	idle int8 = iota
	claimedPhase
	callingPhase
	answeredPhase
)

// mServer is a server with at most one job.
type mServer struct {
	phase    int8
	lease    int8 // which one it was given
	row      int8 // of its attempt
	pending  int8 // the row that is looked up, from 1
	key      int8
	deadline int8
	lookup   bool
	settled  bool
	result   int8 // outcome; of a look-up mDone for found and mResolved for nothing
	repeat   bool
}

// mSent is a request on its way to Stripe.
type mSent struct {
	key, at int8
	server  int8 // that waits for the answer, from 1; 0 when nobody does
	on      bool
	done    bool
}

// mState is a state of everything.
type mState struct {
	now       int8
	paid, due bool
	lease     int8 // 0: none
	leases    int8
	until     int8
	rows      [maxRows]mRow
	n         int8
	keys      int8
	remember  [maxKeys + 1]int8 // when Stripe first saw the key, from 1; 0 for never
	made      [maxKeys + 1]int8 // objects made with the key
	servers   [2]mServer
	sent      [2]mSent
}

func (s *mState) objects() (n int8) {
	for _, m := range s.made {
		n += m
	}
	return n
}

// explore visits all states and gives their number. It fails t where an invariant breaks; without t it gives -1 then.
func explore(t *testing.T, times Times, hides bool) int {
	first := mState{due: true}
	seen, level := map[mState]struct{}{first: {}}, []mState{first}
	for len(level) > 0 {
		var following []mState
		for _, s := range level {
			if broken := s.broken(); broken != "" {
				if t != nil {
					t.Fatalf("%s: %+v", broken, s)
				}
				return -1
			}
			for _, next := range s.steps(times, hides) {
				next.normalize()
				if _, known := seen[next]; !known {
					seen[next] = struct{}{}
					following = append(following, next)
				}
			}
		}
		level = following
	}
	return len(seen)
}

// broken says which invariant a state breaks, if any.
func (s *mState) broken() string {
	switch {
	case s.objects() > 1:
		return "two objects at Stripe"
	case !s.paid && !s.due && s.lease == 0:
		return "the payment is lost: nobody will look at it"
	case s.paid && s.objects() == 0:
		return "the payment is taken for paid, and Stripe has nothing"
	}
	return ""
}

// steps are the states that one step leads to.
func (s mState) steps(times Times, careful bool) (out []mState) {
	add := func(change func(*mState)) {
		next := s
		change(&next)
		out = append(out, next)
	}
	for i := range s.servers {
		out = append(out, s.serverSteps(i, times, careful)...)
	}
	for i, r := range s.sent {
		if !r.on {
			continue
		}
		if !r.done && s.now <= r.at+executes {
			add(func(n *mState) { n.execute(i) })
		}
		if r.server == 0 || !r.done {
			add(func(n *mState) { n.lose(i, mTouched) }) // the request or its answer is lost
		}
		if r.server > 0 && !r.done {
			add(func(n *mState) { n.lose(i, mUntouched) }) // refused with 429
		}
		if r.server > 0 && r.done {
			add(func(n *mState) { n.answer(int(r.server-1), mDone, false); n.sent[i] = mSent{} })
			add(func(n *mState) { n.answer(int(r.server-1), mTouched, true); n.sent[i].server = 0; n.sent[i] = mSent{} })
			add(func(n *mState) { n.answer(int(r.server-1), mTouched, false); n.sent[i] = mSent{} }) // a stored 500
		}
	}
	if s.objects() > 0 && !s.paid {
		add(func(n *mState) { n.paid = true }) // its event arrives
	}
	if s.mayTick() {
		add(func(n *mState) { n.now++ })
	}
	return out
}

// mayTick tells whether nothing must happen before the clock goes on.
func (s *mState) mayTick() bool {
	if s.now >= horizon {
		return false
	}
	for _, r := range s.sent {
		if r.on && !r.done && s.now >= r.at+executes {
			return false
		}
	}
	return true
}

// normalize makes states alike that differ in nothing that matters: which of the two servers is which, the numbers of leases, and what no
// step reads any more.
func (s *mState) normalize() {
	s.forget()
	for i := range s.servers {
		if v := &s.servers[i]; v.phase != idle && v.lease != s.lease {
			v.lease = -1
		} else if v.phase != idle {
			v.lease = 1
		}
	}
	if s.lease != 0 {
		s.lease = 1
	} else {
		s.until = 0
	}
	s.leases = 1
	if s.servers[0].phase < s.servers[1].phase {
		s.servers[0], s.servers[1] = s.servers[1], s.servers[0]
		for i := range s.sent {
			if server := s.sent[i].server; server > 0 {
				s.sent[i].server = 3 - server
			}
		}
	}
	if !s.sent[0].on {
		s.sent[0], s.sent[1] = s.sent[1], s.sent[0]
	}
}

// forget wipes what no step reads any more.
func (s *mState) forget() {
	for i := range s.rows[:s.n] {
		r := &s.rows[i]
		if r.outcome != mTouched {
			r.repeat = false
		}
		if r.outcome != mTouched && r.outcome != mBegun && s.firstRow(r.key) != i {
			r.started = 0
		}
	}
	for i := range s.servers {
		v := &s.servers[i]
		switch {
		case v.phase == answeredPhase:
			v.key, v.deadline, v.settled = 0, 0, false
			if v.lease != s.lease && v.result != mUnsent {
				v.result, v.repeat = mTouched, true
			}
		case v.lookup:
			v.deadline = 0
		default:
			v.settled = false
		}
		if v.lookup {
			v.row = 0
		} else {
			v.pending = 0
		}
	}
	for i := range s.sent {
		if s.sent[i].done {
			s.sent[i].key, s.sent[i].at = 0, 0
		}
	}
	for key, seen := range s.remember {
		if s.now+1-seen >= memory {
			s.remember[key] = 0
		}
	}
}

func (s *mState) firstRow(key int8) int {
	return slices.IndexFunc(s.rows[:s.n], func(r mRow) bool { return r.key == key })
}

func (s *mState) execute(i int) {
	r := &s.sent[i]
	seen := s.remember[r.key]
	if seen == 0 || s.now+1-seen >= memory {
		s.remember[r.key] = s.now + 1
		s.made[r.key]++
	}
	r.done = true
	if r.server == 0 {
		*r = mSent{}
	}
}

func (s *mState) lose(i int, outcome int8) {
	if server := s.sent[i].server; server > 0 {
		s.answer(int(server-1), outcome, true)
	}
	s.sent[i] = mSent{}
}

func (s *mState) answer(server int, outcome int8, repeat bool) {
	v := &s.servers[server]
	v.phase, v.result, v.repeat = answeredPhase, outcome, repeat
}

func (s mState) serverSteps(i int, times Times, careful bool) (out []mState) {
	add := func(change func(*mState)) {
		next := s
		change(&next)
		out = append(out, next)
	}
	v := s.servers[i]
	switch v.phase {
	case idle:
		if s.due && s.lease == 0 || s.lease != 0 && s.now > s.until {
			if next, ok := s.claim(i, times, careful); ok {
				out = append(out, next)
			}
		}
		return out
	case claimedPhase:
		switch {
		case v.lookup && !v.settled:
			add(func(n *mState) { n.answer(i, mTouched, false) })
		case v.lookup:
			found := s.made[v.key] > 0
			add(func(n *mState) { n.answer(i, map[bool]int8{true: mDone, false: mResolved}[found], false) })
			add(func(n *mState) { n.answer(i, mTouched, false) }) // Stripe does not answer
		default:
			add(func(n *mState) { n.answer(i, mUnsent, false) }) // what is read before cannot be read, or it is too late
			if s.now <= v.deadline {
				if slot := s.freeSlot(); slot >= 0 {
					add(func(n *mState) {
						n.sent[slot] = mSent{key: v.key, at: s.now, server: int8(i + 1), on: true}
						n.servers[i].phase = callingPhase
					})
				}
			}
		}
	case callingPhase:
		if s.now >= v.deadline { // the call is cut; the request goes on
			add(func(n *mState) { n.cut(i); n.answer(i, mTouched, true) })
		}
	case answeredPhase:
		add(func(n *mState) { n.finish(i) })
	}
	add(func(n *mState) { n.cut(i); n.servers[i] = mServer{} }) // killed
	return out
}

func (s *mState) freeSlot() int {
	for i, r := range s.sent {
		if !r.on {
			return i
		}
	}
	return -1
}

// cut leaves a request without anybody who waits for its answer.
func (s *mState) cut(server int) {
	for i := range s.sent {
		if s.sent[i].on && s.sent[i].server == int8(server+1) {
			s.sent[i].server = 0
			if s.sent[i].done {
				s.sent[i] = mSent{}
			}
		}
	}
}

// pending is the newest row that may have done something, as pendingAttempt finds it; careless takes the newest of all, as it once was.
func (s *mState) pending(careful bool) (row int8, ok bool) {
	for row = s.n; row > 0; row-- {
		switch s.rows[row-1].outcome {
		case mUnsent, mUntouched:
			if !careful {
				return 0, false
			}
		case mBegun, mTouched:
			return row, true
		default:
			return 0, false
		}
	}
	return 0, false
}

func (s mState) claim(i int, times Times, careful bool) (mState, bool) {
	s.leases++
	for j := range s.servers {
		s.servers[j].lease = -1 // whoever had it has lost it
	}
	s.lease, s.until, s.due = s.leases, s.now+int8(times.Lease), false
	v := mServer{phase: claimedPhase, lease: s.lease, deadline: s.now + int8(times.Work)}
	situation := situation{state: payment.Processing, customer: true}
	if s.paid {
		situation.intent = "pi_1"
	}
	pending, known := s.pending(careful)
	if known {
		situation.pending = opIntent
	}
	if !creates(choose(situation, forQueue)) { // there is an object to read: the rest makes none
		s.lease = 0
		return s, true
	}
	v.settled = true
	same := false
	if known {
		r := s.rows[pending-1]
		v.pending, v.key = pending, r.key
		k := knowledge{begun: r.outcome == mBegun, repeatable: r.repeat, first: time.Duration(s.now - s.firstUse(r.key)),
			last: time.Duration(s.now - r.started)}
		same, v.lookup, v.settled = k.next(false, true, true, times)
	}
	if !same {
		if s.keys == maxKeys {
			return s, false
		}
		s.keys++
		v.key, v.pending = s.keys, 0
	}
	if !v.lookup {
		if s.n == maxRows {
			return s, false
		}
		s.rows[s.n] = mRow{key: v.key, outcome: mBegun, started: s.now}
		s.n++
		v.row = s.n
	}
	s.servers[i] = v
	return s, true
}

func (s *mState) firstUse(key int8) int8 {
	for _, r := range s.rows[:s.n] {
		if r.key == key {
			return r.started
		}
	}
	panic(fmt.Sprint("no row has the key ", key))
}

// finish records the outcome; the call of who lost the lease counts as one of unknown outcome.
func (s *mState) finish(i int) {
	v := s.servers[i]
	s.servers[i] = mServer{}
	mine := s.lease == v.lease
	switch {
	case v.lookup && mine && v.result != mTouched:
		s.rows[v.pending-1].outcome = mResolved
	case v.lookup:
	case mine || v.result == mUnsent:
		s.rows[v.row-1].outcome, s.rows[v.row-1].repeat = v.result, v.repeat
	default:
		s.rows[v.row-1].outcome, s.rows[v.row-1].repeat = mTouched, true
	}
	if !mine {
		return
	}
	s.lease = 0
	if v.result == mDone {
		s.paid = true
		return
	}
	s.due = true
}
