package ir_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
	"paytond/models/value"
	"paytond/sql"
)

// TestOutbox runs its tests on one database of each kind; each empties the queue first.
func TestOutbox(t *testing.T) {
	modules := func() []*models.Module {
		return []*models.Module{ir.ModuleWith(ir.Config{From: "Shop <shop@example.com>"}), res.Module()}
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		for _, c := range []struct {
			name string
			test func(*testing.T, *models.Database)
		}{
			{"ClientsMail", testClientsMail},
			{"KeyedMailIsQueuedOnce", testKeyedMailIsQueuedOnce},
			{"KeysMeetInTwoTransactions", testKeysMeet},
			{"RolledBackMailIsNotSent", testRolledBackMail},
			{"TriedAgain", testMailIsTriedAgain},
			{"GivenUp", testMailIsGivenUp},
			{"Refused", testRefusedMail},
			{"RefusedIsTold", testRefusedMailIsTold},
			{"NoServer", testServerCannotBeUsed},
			{"Crash", testCrashWhileSending},
			{"LostLease", testLostLease},
			{"ManySenders", testManySenders},
			{"Rights", testOutboxRights},
			{"Wakes", testMailWakesTheScheduler},
		} {
			t.Run(c.name, func(t *testing.T) {
				modelstest.Do(t, db, func(tx *models.Tx) { models.Must(ir.Outbox.Delete(tx, ir.Outbox.Search(tx, nil))) })
				c.test(t, db)
			})
		}
	})
}

// post is a mail server that takes what its answer allows.
type post struct {
	mu     sync.Mutex
	mails  []ir.Mail // that were offered
	answer func(m ir.Mail) error
}

func (p *post) send(_ context.Context, m ir.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails = append(p.mails, m)
	if p.answer == nil {
		return nil
	}
	return p.answer(m)
}

// sweep runs the scheduled action.
func (p *post) sweep(t *testing.T, db *models.Database) error {
	t.Helper()
	return ir.SendQueue(p.send)(t.Context(), db)
}

func (p *post) swept(t *testing.T, db *models.Database) {
	t.Helper()
	if err := p.sweep(t, db); err != nil {
		t.Fatal(err)
	}
}

func queue(t *testing.T, db *models.Database, subject, key string) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) {
		models.Must(ir.Queue(tx, ir.Mail{To: []string{"bob@example.com"}, Subject: subject, Text: "Text of " + subject}, key))
	})
}

// passes lets the time pass for which messages wait, or are left to who claimed them.
func passes(t *testing.T, db *models.Database, column string) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) {
		d := tx.Dialect()
		_, err := tx.Exec(sql.SQL(`UPDATE "ir_email_queue" SET `+sql.Quote(column)+` = `+d.Plus(d.Now(), "?"), -time.Second))
		models.Must(err)
	})
}

// rows are the messages of the queue as "subject state attempts error", the oldest first.
func rows(t *testing.T, db *models.Database) []string {
	t.Helper()
	list := []string{}
	modelstest.Do(t, db, func(tx *models.Tx) {
		o := ir.Outbox
		list = list[:0]
		for _, r := range o.Search(tx, nil, models.OrderBy("id")) {
			list = append(list, fmt.Sprintf("%s %s %d %s", o.Subject.Of(r), o.State.Of(r), o.Attempts.Of(r), o.Error.Of(r)))
		}
	})
	return list
}

func testClientsMail(t *testing.T, db *models.Database) {
	user := newUser(t, db, "user", "res.group_admin")
	mailbox := "ClientsMail-user@example.com"
	id := call(t, db, user, "ir.email", "send", "Bob <bob@example.com>, c@example.com", "", "d@example.com", "Hello", "<p>Hi</p>",
		[]any{[]any{"a.txt", []byte("data")}}, []any{"res.user", user}, nil, nil).(int64)
	p := &post{}
	p.swept(t, db)
	p.swept(t, db)
	want := []ir.Mail{{To: []string{`"Bob" <bob@example.com>`, "<c@example.com>"}, Bcc: []string{"<d@example.com>"},
		ReplyTo: `"ClientsMail-user" <` + mailbox + `>`, Subject: "Hello", HTML: "<p>Hi</p>",
		Files: []ir.File{{Name: "a.txt", Content: []byte("data")}}, About: value.Reference{Model: "res.user", ID: user}}}
	if diff := cmp.Diff(want, p.mails, cmpopts.IgnoreFields(ir.Mail{}, "ID")); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	row := call(t, db, user, "ir.email", "read", []any{id}, []any{"subject", "recipients", "body", "user"}).([]map[string]any)[0]
	equal(t, "kept", row, map[string]any{"id": id, "subject": "Hello", "recipients": `"Bob" <bob@example.com>, <c@example.com>`, "body": "<p>Hi</p>", "user": "ClientsMail-user"})
	equal(t, "files", call(t, db, user, "ir.email", "resources", id).(map[string]any)["attachment_count"], int64(1))
	refused(t, db, user, models.KindUser, "ir.email", "send", "nobody", "", "", "Hello", "", []any{}, []any{"res.user", user}, nil, nil)
	refused(t, db, user, models.KindUser, "ir.email", "send", "", "", "", "Hello", "", []any{}, []any{"res.user", user}, nil, nil)
	refused(t, db, user, models.KindForbidden, "ir.email", "create", []any{map[string]any{"resource": "res.user,1"}})
	equal(t, "queue", rows(t, db), []string{"Hello sent 1 "})
}

func testKeyedMailIsQueuedOnce(t *testing.T, db *models.Database) {
	queue(t, db, "first", "authentication:1")
	queue(t, db, "again", "authentication:1")
	queue(t, db, "other", "authentication:2")
	queue(t, db, "free", "")
	queue(t, db, "free", "")
	p := &post{}
	p.swept(t, db)
	queue(t, db, "late", "authentication:1")
	p.swept(t, db)
	equal(t, "queue", rows(t, db), []string{"first sent 1 ", "other sent 1 ", "free sent 1 ", "free sent 1 "})
	equal(t, "mails", len(p.mails), 4)
}

// Two transactions that queue the same key at once queue it once, and neither fails.
func testKeysMeet(t *testing.T, db *models.Database) {
	const servers = 8
	var all sync.WaitGroup
	for range servers {
		all.Go(func() {
			err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) error {
				ir.Outbox.Count(tx, nil) // the snapshot is taken before
				return ir.Queue(tx, ir.Mail{To: []string{"bob@example.com"}, Subject: "met"}, "meeting")
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	equal(t, "queue", rows(t, db), []string{"met queued 0 "})
}

func testRolledBackMail(t *testing.T, db *models.Database) {
	no := errors.New("no")
	err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) error {
		models.Must(ir.Queue(tx, ir.Mail{To: []string{"bob@example.com"}}, "k"))
		return no
	})
	p := &post{}
	p.swept(t, db)
	if !errors.Is(err, no) || len(p.mails) > 0 {
		t.Errorf("error %v, mails %v", err, p.mails)
	}
}

func testMailIsTriedAgain(t *testing.T, db *models.Database) {
	queue(t, db, "bad", "")
	queue(t, db, "good", "")
	busy := true
	p := &post{answer: func(m ir.Mail) error {
		if busy && m.Subject == "bad" {
			return errors.New("450 try\nlater")
		}
		return nil
	}}
	p.swept(t, db)
	p.swept(t, db) // it waits
	equal(t, "queue", rows(t, db), []string{"bad queued 1 450 try later", "good sent 1 "})
	passes(t, db, "next_attempt")
	p.swept(t, db)
	busy = false
	passes(t, db, "next_attempt")
	p.swept(t, db)
	equal(t, "queue", rows(t, db), []string{"bad sent 3 ", "good sent 1 "})
	ids := map[string]string{}
	for _, m := range p.mails {
		if id := ids[m.Subject]; id != "" && id != m.ID || len(m.ID) != len("00000000-0000-0000-0000-000000000000@example.com") {
			t.Errorf("%s has the Message-ID %s after %s", m.Subject, m.ID, id)
		}
		ids[m.Subject] = m.ID
	}
	if ids["bad"] == ids["good"] || len(p.mails) != 4 {
		t.Errorf("mails %v", p.mails)
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		for _, r := range ir.Outbox.Search(tx, nil) {
			if len(ir.Outbox.Content.Of(r)) > 0 || !ir.Outbox.SentAt.Of(r).Equal(ir.Outbox.SentAt.Of(r).Truncate(time.Second)) {
				t.Errorf("of the sent mail there stays %q", ir.Outbox.Content.Of(r))
			}
		}
	})
}

func testMailIsGivenUp(t *testing.T, db *models.Database) {
	queue(t, db, "bad", "")
	p := &post{answer: func(ir.Mail) error { return errors.New("451 no") }}
	for range 60 {
		passes(t, db, "next_attempt")
		p.swept(t, db)
	}
	equal(t, "queue", rows(t, db), []string{"bad failed 40 451 no"})
}

func testRefusedMail(t *testing.T, db *models.Database) {
	queue(t, db, "bad", "")
	queue(t, db, "good", "")
	p := &post{answer: func(m ir.Mail) error {
		if m.Subject == "bad" {
			return fmt.Errorf("%w: 550 no such user", ir.ErrMailRefused)
		}
		return nil
	}}
	p.swept(t, db)
	passes(t, db, "next_attempt")
	p.swept(t, db)
	equal(t, "queue", rows(t, db), []string{"bad failed 1 the mail server refuses the message: 550 no such user", "good sent 1 "})

	var failed int64
	modelstest.Do(t, db, func(tx *models.Tx) { failed = ir.Outbox.Search(tx, ir.Outbox.State.Eq("failed"))[0].ID() })
	p.answer = nil
	call(t, db, admin, "ir.email.queue", "send_again", []any{failed})
	p.swept(t, db)
	equal(t, "queue", rows(t, db), []string{"bad sent 1 ", "good sent 1 "})
}

// A server that cannot be used gives no message a bad name: it is asked once in a run, and messages are not given up for it.
func testServerCannotBeUsed(t *testing.T, db *models.Database) {
	queue(t, db, "one", "")
	queue(t, db, "two", "")
	down := true
	p := &post{answer: func(ir.Mail) error {
		if down {
			return fmt.Errorf("%w: connection refused", ir.ErrMailServer)
		}
		return nil
	}}
	for range 50 {
		passes(t, db, "next_attempt")
		if err := p.sweep(t, db); !errors.Is(err, ir.ErrMailServer) {
			t.Fatalf("error %v", err)
		}
	}
	equal(t, "mails offered", len(p.mails), 50)
	down = false
	passes(t, db, "next_attempt")
	p.swept(t, db)
	equal(t, "queue", rows(t, db), []string{"one sent 1 ", "two sent 1 "})
}

// A server that dies while it sends leaves the message to the next one, after a while.
func testCrashWhileSending(t *testing.T, db *models.Database) {
	queue(t, db, "mail", "")
	dying := &post{answer: func(ir.Mail) error { panic("dead") }}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("it did not die")
			}
		}()
		dying.sweep(t, db)
	}()
	p := &post{}
	p.swept(t, db) // too early: somebody may be sending it
	equal(t, "mails before the lease has run out", len(p.mails), 0)
	passes(t, db, "lease_until")
	p.swept(t, db)
	p.swept(t, db)
	if len(p.mails) != 1 || p.mails[0].ID != dying.mails[0].ID {
		t.Errorf("sent %v after %v", p.mails, dying.mails)
	}
	equal(t, "queue", rows(t, db), []string{"mail sent 2 "})
}

// Who was so slow that another took over does not say what became of the message.
func testLostLease(t *testing.T, db *models.Database) {
	queue(t, db, "mail", "")
	fast := &post{}
	slow := &post{answer: func(ir.Mail) error {
		passes(t, db, "lease_until")
		fast.swept(t, db)
		return errors.New("too slow")
	}}
	slow.swept(t, db)
	equal(t, "queue", rows(t, db), []string{"mail sent 2 "})
	equal(t, "mails", len(slow.mails)+len(fast.mails), 2)
}

func testManySenders(t *testing.T, db *models.Database) {
	const mails = 20
	for i := range mails {
		queue(t, db, fmt.Sprint(i), "")
	}
	p := &post{}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := p.sweep(t, db); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sent := map[string]int{}
	for _, m := range p.mails {
		sent[m.Subject]++
	}
	if len(sent) != mails || len(p.mails) != mails {
		t.Errorf("%d mails were sent %d times", len(sent), len(p.mails))
	}
}

func testOutboxRights(t *testing.T, db *models.Database) {
	queue(t, db, "secret", "k")
	user := newUser(t, db, "user")
	var id int64
	modelstest.Do(t, db, func(tx *models.Tx) { id = ir.Outbox.Search(tx, nil)[0].ID() })
	got := call(t, db, admin, "ir.email.queue", "read", []any{id}, []any{"subject", "recipients", "state", "key", "content"}).([]map[string]any)[0]
	equal(t, "administrator", got, map[string]any{"id": id, "subject": "secret", "recipients": "bob@example.com", "state": "queued", "key": "k", "content": nil})
	refused(t, db, user, models.KindUser, "ir.email.queue", "read", []any{id}, []any{"subject"})
	refused(t, db, user, models.KindUser, "ir.email.queue", "delete", []any{id})
	refused(t, db, user, models.KindUser, "ir.email.queue", "send_again", []any{id})
	for _, anybody := range []int64{admin, user} {
		for _, method := range []string{"create", "write", "copy"} {
			refused(t, db, anybody, models.KindForbidden, "ir.email.queue", method, []any{id}, map[string]any{"subject": "mine"})
		}
	}
	call(t, db, admin, "ir.email.queue", "delete", []any{id})
	equal(t, "queue", rows(t, db), []string{})
}

// The scheduler hears of a message with the commit, also when it is asked by hand.
func testMailWakesTheScheduler(t *testing.T, db *models.Database) {
	wake, err := db.SQL.Listen(t.Context(), "scheduler")
	if err != nil {
		t.Fatal(err)
	}
	heard := func(of string) {
		t.Helper()
		select {
		case got := <-wake:
			equal(t, of, got, ir.SendQueueMethod)
		case <-time.After(10 * time.Second):
			t.Fatalf("nothing is heard of %s", of)
		}
	}
	queue(t, db, "mail", "")
	heard("a mail")
	call(t, db, admin, "ir.cron", "run_once", []any{ref(t, db, "ir.cron_send_queue")})
	heard("the scheduled action")
}

// Who wrote a message is told in his client that it will not arrive, in few words however many there were.
func testRefusedMailIsTold(t *testing.T, db *models.Database) {
	user := newUser(t, db, "told")
	heard, err := db.SQL.Listen(t.Context(), ir.BusChannel)
	if err != nil {
		t.Fatal(err)
	}
	err = modelstest.Try(db, models.Request{User: user}, func(tx *models.Tx) error {
		return ir.Queue(tx, ir.Mail{To: []string{"a@example.com"}, Subject: "Invoice " + strings.Repeat("é", 5000)}, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	(&post{answer: func(ir.Mail) error { return fmt.Errorf("%w: 550 no such user", ir.ErrMailRefused) }}).swept(t, db)
	select {
	case payload := <-heard:
		var told struct {
			Channel string
			Message struct {
				Title, Body string
				Priority    int
			}
		}
		if err := json.Unmarshal([]byte(payload), &told); err != nil || len(payload) > 8000 {
			t.Fatalf("%v: %d bytes", err, len(payload))
		}
		if told.Channel != ir.UserChannel(user) || !strings.HasPrefix(told.Message.Title, "An e-mail was not sent: Invoice éé") ||
			!strings.HasSuffix(told.Message.Title, "é…") || !strings.Contains(told.Message.Body, "550 no such user") || told.Message.Priority != 2 {
			t.Errorf("told %+v", told)
		}
	case <-time.After(20 * time.Second):
		t.Error("nobody is told")
	}
}
