package res

import (
	"time"

	"paytond/models"
	"paytond/sql"
)

// sessionTable is the table of ir.session: a session belongs to the user who
// made it, so create_uid is the user.
func sessionTable(tx *models.Tx) sql.F {
	return sql.F{Text: sql.Quote(tx.Class("ir.session").Table)}
}

// NewSession begins a session of the user and returns its key, 64 hex digits.
func NewSession(tx *models.Tx, user int64) (key string, err error) {
	key = randomHex(32)
	_, err = tx.Exec(sql.SQL(`INSERT INTO ? ("key", "create_uid", "create_date") VALUES (?, ?, ?)`,
		sessionTable(tx), key, user, tx.Now()))
	return key, err
}

// Session is what a client's key is worth.
type Session struct {
	Valid bool // the user is active and the session has not expired
	Fresh bool // and it was used a short while ago
	// Due says that the session should be renewed after a successful call.
	Due bool
}

// CheckSession looks up the key of a user. It changes nothing.
func (l Limits) CheckSession(tx *models.Tx, user int64, key string) (Session, error) {
	rows, err := tx.Query(sql.SQL(`SELECT s."create_date", s."write_date" FROM ? AS s
		JOIN "res_user" AS u ON u."id" = s."create_uid"
		WHERE s."key" = ? AND s."create_uid" = ? AND u."active" = ?`, sessionTable(tx), key, user, true))
	if err != nil || len(rows) == 0 {
		return Session{}, err
	}
	created, _ := rows[0][0].(time.Time)
	used, ok := rows[0][1].(time.Time)
	if !ok {
		used = created
	}
	idle := tx.Now().Sub(used)
	s := Session{Valid: tx.Now().Sub(created) < l.MaxAge}
	s.Fresh = s.Valid && idle < l.Timeout
	s.Due = s.Fresh && idle >= l.Timeout/renewals
	return s, nil
}

// renewals is how often a session in steady use is renewed within its
// timeout: a write for each call would cost more than it tells.
const renewals = 30

// RenewSession makes a session that is still fresh as fresh as can be.
func (l Limits) RenewSession(tx *models.Tx, user int64, key string) error {
	_, err := tx.Exec(sql.SQL(`UPDATE ? SET "write_date" = ?, "write_uid" = ?
		WHERE "key" = ? AND "create_uid" = ? AND COALESCE("write_date", "create_date") > ?`,
		sessionTable(tx), tx.Now(), user, key, user, tx.Now().Add(-l.Timeout)))
	return err
}

// RemoveSession ends a session. The report says whether there was one.
func RemoveSession(tx *models.Tx, user int64, key string) (bool, error) {
	n, err := tx.Exec(sql.SQL(`DELETE FROM ? WHERE "key" = ? AND "create_uid" = ?`, sessionTable(tx), key, user))
	return n > 0, err
}

// RemoveExpired removes the expired sessions of the user.
func (l Limits) RemoveExpired(tx *models.Tx, user int64) error {
	_, err := tx.Exec(sql.SQL(`DELETE FROM ? WHERE "create_uid" = ? AND "create_date" <= ?`,
		sessionTable(tx), user, tx.Now().Add(-l.MaxAge)))
	return err
}

// endSessions removes all sessions and devices of the users: the next call of
// their clients is refused.
func endSessions(tx *models.Tx, users []*models.Record) error {
	if len(users) == 0 {
		return nil
	}
	logins := make([]any, len(users))
	for i, r := range users {
		logins[i] = User.Login.Of(r)
	}
	if _, err := tx.Exec(sql.SQL(`DELETE FROM ? WHERE "create_uid" IN (?)`, sessionTable(tx), models.IDsOf(users))); err != nil {
		return err
	}
	return forgetDevices(tx.Unchecked(), logins)
}

// countSessions counts the users' sessions that began after a time.
func countSessions(tx *models.Tx, users []int64, after time.Time) (map[int64]int64, error) {
	rows, err := tx.Query(sql.SQL(`SELECT "create_uid", COUNT(*) FROM ? WHERE "create_uid" IN (?) AND "create_date" > ? GROUP BY "create_uid"`,
		sessionTable(tx), users, after))
	counts := make(map[int64]int64, len(rows))
	for _, row := range rows {
		user, _ := row[0].(int64)
		counts[user], _ = row[1].(int64)
	}
	return counts, err
}
