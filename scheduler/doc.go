// Package scheduler runs the scheduled actions of the databases: it knows when
// one is due and who runs it, never what it does.
//
// # Invariants
//
// Who may claim. Any number of schedulers, in one process or many, watch the
// same database. A due action is claimed by moving its next call forward in a
// transaction that locks its row (SKIP LOCKED on PostgreSQL, the only writer on
// SQLite): of those who see it due at the same time one gets it, and each due
// time is run once.
//
// What is committed before and after. The new next call is committed before the
// action runs; nothing is committed for it afterwards. An action is a sweep over
// rows that say themselves that they are due ("the row is the queue"), so a
// crash between claim and sweep loses nothing: the rows are found by the next
// one. The leases that keep two sweeps from working on one row, and the keys
// that make a repeated call to Stripe harmless, are the action's own, see
// models/paymentstripe.
//
// A lease. A row that is worked on carries a random token and an end by the
// database's clock. Who has the token may call Stripe, within a time shorter
// than the lease, and alone may write the row; the token is given back with the
// outcome. A lease that has ended is taken over by whoever comes, and what its
// last holder was answered counts as unknown: it is asked for again, never
// believed and forgotten.
//
// A key. It is committed, in a row of its own, before the call. As long as the
// outcome of a call is unknown, the same call is made with the same key, for 23
// hours; after that, or after an answer that Stripe would only repeat, Stripe is
// asked for the object, and another key is used only when Stripe has nothing and
// the last use of the old key is so long ago that it cannot be under way. A later
// call that was refused unexecuted, or not sent, says nothing about an earlier one.
//
// What a crash leaves. Before the claim's commit: nothing. Between it and the
// call, in the call, and up to the commit of its outcome: a lease that ends and a
// call that has "begun", which is made again with its key. After: nothing. An
// event and its effect are one transaction: a crash leaves both or neither, and
// what is not stored is sent or fetched again.
//
// Package models/paymentstripe names the points at which a test ends the
// process, and checks every order of steps in a model; paytond bench faults
// kills servers at each point and compares Stripe's ledger with the database.
//
// New work. A transaction that makes work sends the method's name on [Channel];
// schedulers that listen run that action at once, without touching its next
// call. What nobody heard is found all the same: [Config].Sweeps run when a
// database begins to be watched and after a lost connection, and at each look
// the rows themselves are asked which actions have work ([Config].Waiting). So a
// message that is lost costs no more than the wait for the next look, also where
// none can be sent, as between processes on SQLite.
//
// Side by side. The actions of a database run beside each other, so that a long
// one keeps no other one waiting, and so do the databases. In one scheduler an
// action of a database runs once at a time; one that is due or asked for while it
// runs, runs once more when it has ended, as what is new may have come behind it.
//
// Stop. When its context ends, a scheduler claims nothing more, gives the
// running actions their context's end, and returns after they have returned.
package scheduler
