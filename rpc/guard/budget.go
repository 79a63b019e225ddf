package guard

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// ErrFull says that a budget has nothing left, and so many wait for it already,
// or have waited so long, that it is better to come again later.
var ErrFull = errors.New("overloaded")

// Budget is a number of things, such as calls under way or bytes in memory, that
// many share. It is safe for concurrent use.
type Budget struct {
	size     int64
	waiters  int
	patience time.Duration

	mu    sync.Mutex
	used  int64
	queue list.List // of *ticket, the first to be served in front
}

// ticket is one that waits.
type ticket struct {
	weight  int64
	granted chan struct{}
}

// NewBudget makes a budget of a size. At most so many wait for a share of it, and
// none longer than the patience.
func NewBudget(size int64, waiters int, patience time.Duration) *Budget {
	return &Budget{size: size, waiters: waiters, patience: patience}
}

// Take waits for a share of the given weight and returns what gives it back, which
// may be called more than once. A weight above the whole budget counts as all of
// it. The error is ErrFull, or that of the context.
func (b *Budget) Take(ctx context.Context, weight int64) (giveBack func(), err error) {
	weight = min(weight, b.size)
	b.mu.Lock()
	if b.queue.Len() == 0 && b.used+weight <= b.size {
		b.used += weight
		b.mu.Unlock()
		return b.back(weight), nil
	}
	if b.queue.Len() >= b.waiters {
		b.mu.Unlock()
		return nil, ErrFull
	}
	t := &ticket{weight: weight, granted: make(chan struct{})}
	place := b.queue.PushBack(t)
	b.mu.Unlock()
	return b.wait(ctx, t, place)
}

func (b *Budget) wait(ctx context.Context, t *ticket, place *list.Element) (func(), error) {
	timer := time.NewTimer(b.patience)
	defer timer.Stop()
	err := ErrFull
	select {
	case <-t.granted:
		return b.back(t.weight), nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-t.granted: // at the last moment
		return b.back(t.weight), nil
	default:
	}
	b.queue.Remove(place)
	b.grant() // those behind may be lighter
	return nil, err
}

// back gives a share back, once.
func (b *Budget) back(weight int64) func() {
	var once sync.Once
	return func() {
		once.Do(func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.used -= weight
			b.grant()
		})
	}
}

// grant serves those in front while there is enough. The lock is held.
func (b *Budget) grant() {
	for e := b.queue.Front(); e != nil; e = b.queue.Front() {
		t := e.Value.(*ticket)
		if b.used+t.weight > b.size {
			return
		}
		b.used += t.weight
		b.queue.Remove(e)
		close(t.granted)
	}
}

// Load is how much of the budget is taken, and how many wait for a share.
func (b *Budget) Load() (used int64, waiting int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used, b.queue.Len()
}
