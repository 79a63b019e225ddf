package faults

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"paytond/models/paymentstripe"
)

// CrashAt reads POINT:N, and is what kills the process the Nth time that it reaches the point; nil for an empty text.
func CrashAt(text string) (reached func(paymentstripe.Point), err error) {
	if text == "" {
		return nil, nil
	}
	point, number, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("crash at %s: POINT:N is needed", text)
	}
	var passed atomic.Int64
	return func(p paymentstripe.Point) {
		if p == paymentstripe.Point(point) && passed.Add(1) >= n {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				slog.Error("the process cannot kill itself", slog.Any("error", err))
			}
			select {} // until the signal arrives
		}
	}, nil
}

// kill makes the payments bit by bit and kills the servers that post them.
func (r *run) kill(ctx context.Context) error {
	var running []*victim
	defer func() {
		for _, v := range running {
			v.kill()
			<-v.ended
		}
	}()
	for round := 0; r.killed < r.Kills; round++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if want := (round + 1) * r.Payments / r.Kills; want > len(r.payments) && len(r.payments) < r.Payments {
			if err := r.makePayments(ctx, min(want, r.Payments)-len(r.payments)); err != nil {
				return err
			}
		}
		if _, err := r.askForMore(ctx); err != nil {
			return err
		}
		for len(running) < r.Servers {
			v, err := r.start(ctx, true)
			if err != nil {
				return err
			}
			running = append(running, v)
		}
		// The oldest dies next: where it was told to, or at a random moment.
		v := running[0]
		running = running[1:]
		if err := r.await(ctx, v); err != nil {
			return err
		}
	}
	return r.makePayments(ctx, r.Payments-len(r.payments))
}

// await lets a server die.
func (r *run) await(ctx context.Context, v *victim) error {
	select {
	case <-v.ended:
		if !v.killed() {
			return fmt.Errorf("a server ended by itself: %w", v.err)
		}
		r.kills[v.point]++
	case <-time.After(v.life):
		v.kill()
		<-v.ended
		r.kills["random moments"]++
	case <-ctx.Done():
		v.kill()
		<-v.ended
		return ctx.Err()
	}
	r.killed++
	r.balancer.remove(v.address)
	return nil
}

// start runs a server that is to die, at a point of the engine or, every third, at a random moment; or one that is to live.
func (r *run) start(ctx context.Context, mortal bool) (*victim, error) {
	v, crashAt := &victim{ended: make(chan struct{})}, ""
	if points := paymentstripe.Points(); mortal && rand.N(3) > 0 {
		v.point = string(points[(r.killed+rand.N(len(points)))%len(points)])
		crashAt = fmt.Sprintf("%s:%d", v.point, 1+rand.N(6))
		v.life = 1500 * time.Millisecond
	} else {
		v.life = 200*time.Millisecond + rand.N(1300*time.Millisecond)
	}
	if r.Chaos {
		address, err := vacant()
		if err != nil {
			return nil, err
		}
		v.address = address
	}
	v.command = r.Server(ctx, crashAt, v.address)
	v.command.Stdout, v.command.Stderr = r.Log, r.Log
	if err := v.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		v.err = v.command.Wait()
		close(v.ended)
	}()
	r.balancer.add(v.address)
	return v, nil
}

// settle lets servers that do not die finish the work.
func (r *run) settle(ctx context.Context) error {
	for range r.Servers {
		v, err := r.start(ctx, false)
		if err != nil {
			return err
		}
		defer func() { v.kill(); <-v.ended }()
	}
	quiet := 0
	for deadline := time.Now().Add(r.Patience); time.Now().Before(deadline); {
		all, err := r.askForMore(ctx)
		if err != nil {
			return err
		}
		n, err := r.unsettled(ctx)
		if err != nil {
			return err
		}
		if quiet++; !all || n > 0 {
			quiet = 0
		}
		if quiet == 1 {
			r.Simulator.ClearFaults() // the events that remain are fetched without
		}
		if quiet == 10 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
	return nil // the verdict says what is missing
}

// victim is a server that is killed.
type victim struct {
	command *exec.Cmd
	point   string        // at which it kills itself; "" for none
	life    time.Duration // after which it is killed
	address string        // for webhooks
	ended   chan struct{}
	err     error
}

func (v *victim) kill() { _ = v.command.Process.Kill() } // an error says that it has ended

// killed tells whether it ended by SIGKILL.
func (v *victim) killed() bool { return v.command.ProcessState.ExitCode() == -1 }

// vacant is an address of the loopback that nobody listened on a moment ago.
func vacant() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
