package byhand

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paytond/sql"
)

// handler is what somebody would write who wanted these calls and no others: net/http, encoding/json and four statements, on
// the program's own pool of connections. It decodes the same requests, looks only at payments of the user's company, runs
// in a transaction and gives the same answers. Of the session it only looks whether one is named.
type handler struct {
	read, write *sql.Pool
	company     int64
	numbered    bool // placeholders are $1; on SQLite ?1
}

func newHandler(db *sql.DB, company int64) *handler {
	read, write := db.Pools()
	return &handler{read: read, write: write, company: company, numbered: db.Dialect().Name() == "postgresql"}
}

// row is a payment as a list reads it.
type row struct {
	ID          int64   `json:"id"`
	Amount      decimal `json:"amount"`
	Date        date    `json:"date"`
	State       string  `json:"state"`
	Kind        string  `json:"kind"`
	Description *string `json:"description"`
	Party       link    `json:"party."`
	Journal     link    `json:"journal."`
}

type link struct {
	ID   int64  `json:"id"`
	Name string `json:"rec_name"`
}

type decimal struct {
	Class string `json:"__class__"`
	Text  string `json:"decimal"`
}

type date struct {
	Class string `json:"__class__"`
	Year  int    `json:"year"`
	Month int    `json:"month"`
	Day   int    `json:"day"`
}

func dateOf(text string) date {
	t, _ := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	return date{"date", t.Year(), int(t.Month()), t.Day()}
}

// ServeHTTP answers a call.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		ID     int64
		Method string
		Params []json.RawMessage
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Session ") {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil || len(call.Params) == 0 {
		http.Error(w, "no call", http.StatusBadRequest)
		return
	}
	result, err := h.answer(r.Context(), call.Method, call.Params)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"id": call.ID, "result": result}) // who went away reads nothing
}

func (h *handler) answer(ctx context.Context, method string, params []json.RawMessage) (any, error) {
	switch method {
	case "model.account.payment.read":
		var ids []int64
		if err := json.Unmarshal(params[0], &ids); err != nil {
			return nil, err
		}
		args := []any{h.company}
		for _, id := range ids {
			args = append(args, id)
		}
		return h.list(ctx, `a."id" IN (`+places(2, len(ids))+`) ORDER BY a."id"`, args)
	case "model.account.payment.search_read":
		var where [][3]string
		var limit int
		if err := errors.Join(json.Unmarshal(params[0], &where), json.Unmarshal(params[2], &limit)); err != nil || len(where) != 1 {
			return nil, fmt.Errorf("%w: %s", err, params[0])
		}
		return h.list(ctx, `a."state" = $2 ORDER BY a."date" DESC, a."id" LIMIT $3`, []any{h.company, where[0][2], limit})
	case "model.account.payment.default_get":
		return h.defaults(ctx)
	case "model.account.payment.create":
		return h.create(ctx, params[0])
	}
	return nil, fmt.Errorf("no method %s", method)
}

// places are n placeholders from a number on.
func places(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(list, ", ")
}

func (h *handler) text(statement string) string {
	if h.numbered {
		return statement
	}
	return strings.ReplaceAll(statement, "$", "?")
}

// transact runs do in a transaction.
func transact(ctx context.Context, pool *sql.Pool, do func(tx *sql.PoolTx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (h *handler) list(ctx context.Context, where string, args []any) (list []row, err error) {
	err = transact(ctx, h.read, func(tx *sql.PoolTx) error {
		rows, err := tx.QueryContext(ctx, h.text(`SELECT a."id", CAST(a."amount" AS TEXT), CAST(a."date" AS TEXT), a."state", a."kind", a."description",
				p."id", p."name", j."id", j."name"
			FROM "account_payment" AS a JOIN "party_party" AS p ON p."id" = a."party" JOIN "account_payment_journal" AS j ON j."id" = a."journal"
			WHERE a."company" = $1 AND `+where), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			r, date := row{Amount: decimal{Class: "Decimal"}}, ""
			if err := rows.Scan(&r.ID, &r.Amount.Text, &date, &r.State, &r.Kind, &r.Description, &r.Party.ID, &r.Party.Name, &r.Journal.ID, &r.Journal.Name); err != nil {
				return err
			}
			r.Date = dateOf(date)
			list = append(list, r)
		}
		return rows.Err()
	})
	return list, err
}

func (h *handler) defaults(ctx context.Context) (any, error) {
	var name string
	err := transact(ctx, h.read, func(tx *sql.PoolTx) error {
		return tx.QueryRowContext(ctx, h.text(`SELECT p."name" FROM "company_company" AS c JOIN "party_party" AS p ON p."id" = c."party" WHERE c."id" = $1`), h.company).Scan(&name)
	})
	return map[string]any{"company": h.company, "company.": map[string]any{"rec_name": name}, "kind": "payable", "state": "draft",
		"date": dateOf(time.Now().Format(time.DateOnly))}, err
}

// create checks what the model checks of such values, and inserts the row.
func (h *handler) create(ctx context.Context, param json.RawMessage) (ids []int64, err error) {
	var list []struct {
		Journal, Party    int64
		Kind, Description string
		Amount            decimal
		Date              date
	}
	if err := json.Unmarshal(param, &list); err != nil {
		return nil, err
	}
	err = transact(ctx, h.write, func(tx *sql.PoolTx) error {
		for _, v := range list {
			var digits int
			if err := tx.QueryRowContext(ctx, h.text(`SELECT c."digits" FROM "account_payment_journal" AS j JOIN "currency_currency" AS c ON c."id" = j."currency"
				WHERE j."id" = $1 AND j."company" = $2`), v.Journal, h.company).Scan(&digits); err != nil {
				return err
			}
			if _, decimals, _ := strings.Cut(v.Amount.Text, "."); len(decimals) > digits || strings.HasPrefix(v.Amount.Text, "-") || v.Kind == "" {
				return fmt.Errorf("%+v is no payment", v)
			}
			var id int64
			if err := tx.QueryRowContext(ctx, h.text(`INSERT INTO "account_payment" ("create_date", "create_uid", "company", "journal", "party", "kind",
				"amount", "date", "description", "state") VALUES (CURRENT_TIMESTAMP, 1, $1, $2, $3, $4, $5, $6, $7, 'draft') RETURNING "id"`),
				h.company, v.Journal, v.Party, v.Kind, v.Amount.Text, fmt.Sprintf("%04d-%02d-%02d", v.Date.Year, v.Date.Month, v.Date.Day), v.Description).Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}
