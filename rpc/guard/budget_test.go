package guard

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBudgetIsServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(10, 3, time.Minute)
		first, err := b.Take(t.Context(), 6)
		if err != nil {
			t.Fatal(err)
		}
		var order []int64
		var mu sync.Mutex
		for _, weight := range []int64{9, 1, 2} { // the small ones do not pass the large one
			go func() {
				giveBack, err := b.Take(t.Context(), weight)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, weight)
				mu.Unlock()
				time.Sleep(time.Second)
				giveBack()
			}()
			synctest.Wait()
		}
		if _, err := b.Take(t.Context(), 1); !errors.Is(err, ErrFull) {
			t.Errorf("a fourth that waits: %v", err)
		}
		if used, waiting := b.Load(); used != 6 || waiting != 3 {
			t.Errorf("used %d, waiting %d", used, waiting)
		}
		first()
		first() // counts once
		time.Sleep(5 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if len(order) != 3 || order[2] != 2 || order[0]+order[1] != 10 {
			t.Errorf("served in the order %v", order)
		}
		if used, waiting := b.Load(); used != 0 || waiting != 0 {
			t.Errorf("in the end used %d, waiting %d", used, waiting)
		}
	})
}

func TestBudgetLosesPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(1, 5, 3*time.Second)
		giveBack, err := b.Take(t.Context(), 100) // more than all is all
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := b.Take(t.Context(), 1); !errors.Is(err, ErrFull) || time.Since(began) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.Take(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that ends: %v", err)
		}
		giveBack()
		if _, err := b.Take(t.Context(), 1); err != nil {
			t.Errorf("free again: %v", err)
		}
	})
}

// Whatever many do at once, never is more out than there is, and in the end all is back.
func TestBudgetIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 20).Draw(t, "size")
		weights := rapid.SliceOfN(rapid.Int64Range(1, 25), 1, 30).Draw(t, "weights")
		b := NewBudget(size, rapid.IntRange(0, 30).Draw(t, "waiters"), time.Duration(rapid.IntRange(0, 3).Draw(t, "patience"))*time.Millisecond)
		var out atomic.Int64
		var all sync.WaitGroup
		for _, weight := range weights {
			all.Go(func() {
				giveBack, err := b.Take(context.Background(), weight)
				if err != nil {
					return
				}
				if now := out.Add(min(weight, size)); now > size {
					t.Errorf("%d of %d are out", now, size)
				}
				time.Sleep(time.Millisecond / 2)
				out.Add(-min(weight, size))
				giveBack()
			})
		}
		all.Wait()
		if used, waiting := b.Load(); used != 0 || waiting != 0 {
			t.Errorf("in the end used %d, waiting %d", used, waiting)
		}
	})
}
