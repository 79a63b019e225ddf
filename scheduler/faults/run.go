package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"paytond/models"
	"paytond/models/paymentstripe"
	"paytond/sql"
	"paytond/stripe/simulator"
)

// Config is a run. The database is a new one with the records; nobody else works in it.
type Config struct {
	Payments, Kills, Servers int
	Chaos                    bool          // let Stripe fail, too
	Patience                 time.Duration // how long to wait at the end until all is settled

	Database  *models.Database
	Simulator *simulator.Simulator
	Shop      Shop
	Log       io.Writer // what the servers say
	// Server is a server that posts the database's payments to the simulator. It kills itself by SIGKILL at crashAt (see [CrashAt]), and
	// takes webhooks at listen; neither where they are "".
	Server func(ctx context.Context, crashAt, listen string) *exec.Cmd
}

// Shop is what payments are made of.
type Shop struct {
	Company, Account *models.Record // account.payment.stripe.account
	SecretKey        string         // of the account, at the simulator
	Journal          *models.Record
	Good, Declined   *models.Record // parties with a customer whose card pays, and whose card is refused
}

// Times are the engine's times for the servers of a run: in the same order as the real ones, but so short that days pass in seconds.
func Times() paymentstripe.Times {
	return paymentstripe.Times{Lease: 5 * time.Second, Work: 4 * time.Second, Settle: 5 * time.Second, FirstDelay: 50 * time.Millisecond,
		LastDelay: 2 * time.Second, Grace: time.Second}
}

// run is one run.
type run struct {
	Config
	payments []*paid
	kills    map[string]int
	killed   int
	balancer *balancer // nil without chaos
}

// Run makes payments, kills servers while they post, lets the last ones finish, and compares. The error says that something was wrong, in
// the run or in what came of it; then there is a table, too.
func Run(ctx context.Context, c Config) (t *Table, err error) {
	started := time.Now()
	r := &run{Config: c, kills: map[string]int{}}
	if r.Chaos {
		if r.balancer, err = newBalancer(); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, r.balancer.close()) }()
		if err := r.takeWebhooks(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.breakThings(ctx); err != nil {
		return nil, err
	}
	if t, err = r.verdict(ctx); err != nil {
		return nil, err
	}
	t.took = time.Since(started)
	if t.bad() > 0 {
		return t, fmt.Errorf("%d payments are not as they should be", t.bad())
	}
	return t, nil
}

// breakThings kills servers, and lets Stripe fail where there is chaos, until all payments are made; then it lets the work end.
func (r *run) breakThings(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	background.Go(func() { r.hurry(ctx) })
	if r.Chaos {
		r.breakStripe()
		background.Go(func() { r.shuffleEvents(ctx) })
	}
	if err := r.kill(ctx); err != nil {
		return err
	}
	return r.settle(ctx)
}

// hurry makes the scheduled actions due again and again, so that no one waits for the hour; but for the one that reads a whole week of
// Stripe's balance.
func (r *run) hurry(ctx context.Context) {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.Database.Transact(ctx, models.Request{Latest: true}, func(tx *models.Tx) error {
			_, err := tx.Exec(sql.SQL(`UPDATE "ir_cron" SET "next_call" = ? WHERE "method" LIKE 'account.payment%' AND "method" NOT LIKE '%reconcile'`,
				tx.Now().Truncate(time.Second)))
			return err
		})
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(r.Log, "scheduled actions cannot be hurried:", err)
		}
	}
}
