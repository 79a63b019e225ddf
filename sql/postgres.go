package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/lib/pq"
)

// Limits of the pool of one database.
const (
	idleConnections = 8
	idleTime        = 5 * time.Minute
)

type postgresServer struct {
	uri    url.URL
	limits Limits
}

func (s *postgresServer) dialect() Dialect { return postgres{} }

// dsn is the uri of one database.
func (s *postgresServer) dsn(name string) string {
	u := s.uri
	u.Path = "/" + name
	q := u.Query()
	for key, value := range map[string]string{
		"sslmode":           "prefer",
		"application_name":  "paytond",
		"binary_parameters": "yes", // one round trip for a statement, not two
		"connect_timeout":   "10",  // seconds; the default is for ever
		"jit":               "off", // statements are many and short: to compile a long condition takes longer than to run it
	} {
		if !q.Has(key) {
			q.Set(key, value)
		}
	}
	for key, limit := range map[string]time.Duration{
		"statement_timeout":                   s.limits.Statement,
		"lock_timeout":                        s.limits.Lock,
		"idle_in_transaction_session_timeout": s.limits.Idle,
	} {
		if limit > 0 && !q.Has(key) {
			q.Set(key, strconv.FormatInt(limit.Milliseconds(), 10))
		}
	}
	// How values are read depends on these.
	q.Set("timezone", "UTC")
	q.Set("intervalstyle", "postgres")
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *postgresServer) connect(name string) (*stdsql.DB, error) {
	connector, err := pq.NewConnector(s.dsn(name))
	if err != nil {
		return nil, fmt.Errorf("database uri: %w", withoutSecrets(err))
	}
	if s.limits.Statement > 0 {
		connector.Dialer(impatient{wait: s.limits.Statement + answerTime})
	}
	pool := stdsql.OpenDB(connector)
	pool.SetMaxOpenConns(s.limits.connections())
	pool.SetMaxIdleConns(idleConnections)
	pool.SetConnMaxIdleTime(idleTime)
	return pool, nil
}

func (s *postgresServer) open(ctx context.Context, name string) (*DB, error) {
	if name == memory {
		return nil, &Error{Kind: NotExist, Err: fmt.Errorf("PostgreSQL has no database in memory")}
	}
	pool, err := s.connect(name)
	if err != nil {
		return nil, err
	}
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, wrap(ctx, postgres{}, err)
	}
	return newDB(name, postgres{}, pool, pool, &postgresPosts{dsn: s.dsn(name)}), nil
}

// admin runs fn on the database "postgres", from which others are managed.
func (s *postgresServer) admin(ctx context.Context, fn func(*stdsql.DB) error) error {
	pool, err := s.connect("postgres")
	if err != nil {
		return err
	}
	defer pool.Close()
	return wrap(ctx, postgres{}, fn(pool))
}

func (s *postgresServer) create(ctx context.Context, name string) error {
	return s.admin(ctx, func(pool *stdsql.DB) error {
		_, err := pool.ExecContext(ctx, `CREATE DATABASE `+Quote(name)+` TEMPLATE template0 ENCODING 'UTF8'`)
		return err
	})
}

func (s *postgresServer) copy(ctx context.Context, from, to string) error {
	return s.admin(ctx, func(pool *stdsql.DB) error {
		_, err := pool.ExecContext(ctx, `CREATE DATABASE `+Quote(to)+` TEMPLATE `+Quote(from))
		return err
	})
}

func (s *postgresServer) drop(ctx context.Context, name string) error {
	return s.admin(ctx, func(pool *stdsql.DB) error {
		_, err := pool.ExecContext(ctx, `DROP DATABASE `+Quote(name))
		return err
	})
}

func (s *postgresServer) list(ctx context.Context) ([]string, error) {
	var names []string
	err := s.admin(ctx, func(pool *stdsql.DB) error {
		rows, err := pool.QueryContext(ctx, `
			SELECT datname FROM pg_database
			WHERE datallowconn AND NOT datistemplate AND has_database_privilege(datname, 'CONNECT')
			ORDER BY datname COLLATE "C"`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			names = append(names, name)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	ours := []string{}
	for _, name := range names {
		if checkName(name) == nil && s.ours(ctx, name) {
			ours = append(ours, name)
		}
	}
	if ctx.Err() != nil { // else those not asked would look like those not ours
		return nil, wrap(ctx, postgres{}, ctx.Err())
	}
	return ours, nil
}

// ours looks for our table; a database that cannot be read is not ours.
func (s *postgresServer) ours(ctx context.Context, name string) bool {
	pool, err := s.connect(name)
	if err != nil {
		return false
	}
	defer pool.Close()
	var found bool
	err = pool.QueryRowContext(ctx, `SELECT to_regclass('ir_configuration') IS NOT NULL`).Scan(&found)
	return err == nil && found
}

// postgresPosts are NOTIFY and LISTEN. Listening has a connection of its own.
type postgresPosts struct {
	dsn string
}

func (p *postgresPosts) notify(tx *Tx, channel, payload string) error {
	_, err := tx.Exec(tx.ctx, SQL(`SELECT pg_notify(?, ?)`, channel, payload))
	return err
}

const (
	minReconnect = 200 * time.Millisecond
	maxReconnect = 10 * time.Second
	keepAlive    = time.Minute // how often a silent connection is tried
)

func (p *postgresPosts) listen(ctx context.Context, channel string) (<-chan string, error) {
	var once sync.Once
	listener := pq.NewListener(p.dsn, minReconnect, maxReconnect, nil)
	shut := func() { once.Do(func() { listener.Close() }) }
	stop := context.AfterFunc(ctx, shut) // ends a Listen that waits for a connection
	if err := listener.Listen(channel); err != nil {
		stop()
		shut()
		go drain(listener)
		return nil, err
	}
	out := make(chan string)
	go func() {
		defer close(out)
		forward(ctx, listener, out)
		stop()
		shut()
		go drain(listener)
	}()
	return out, nil
}

// forward passes notifications on until ctx ends.
func forward(ctx context.Context, listener *pq.Listener, out chan<- string) {
	ticker := time.NewTicker(keepAlive)
	defer ticker.Stop()
	for {
		var payload string
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			listener.Ping() // a dead connection is noticed by this, and made anew
			continue
		case n, ok := <-listener.NotificationChannel():
			if !ok {
				return
			}
			if n != nil { // nil: the connection was lost and is back
				payload = n.Extra
			}
		}
		select {
		case out <- payload:
		case <-ctx.Done():
			return
		}
	}
}

// drain lets the listener's goroutine get rid of what it holds, and end.
func drain(listener *pq.Listener) {
	for range listener.NotificationChannel() {
	}
}
