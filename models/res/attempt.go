package res

import (
	"net/netip"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/sql"
)

type loginAttempt struct {
	models.Model
	Login        models.Char
	DeviceCookie models.Char
	IPAddress    models.Char
	IPNetwork    models.Char
}

// LoginAttempt is res.user.login.attempt: a login that failed. Rows older than
// the timeout count no more.
var LoginAttempt = models.Define(&loginAttempt{
	Model: models.Model{Name: "res.user.login.attempt", Internal: true, String: "Login Attempt",
		Indexes: []models.Index{{Name: "login_create_date_index", Columns: []string{"login", "create_date"}},
			{Name: "network_create_date_index", Columns: []string{"ip_network", "create_date"}}}},
	Login:        models.NewChar(models.Field{String: "Login", Size: maxLogin}),
	DeviceCookie: models.NewChar(models.Field{String: "Device Cookie"}),
	IPAddress:    models.NewChar(models.Field{String: "IP Address"}),
	IPNetwork:    models.NewChar(models.Field{String: "IP Network"}),
})

// maxLogin is how many characters of a login are kept: strangers write them.
const maxLogin = 512

// attempt is one try to log in, as failures are counted for it.
type attempt struct {
	login   string
	cookie  any // of a known device of the login, else nil
	address netip.Addr
	network string // "" where the address is not known
}

func cut(login string) string {
	runes := []rune(login)
	return string(runes[:min(len(runes), maxLogin)])
}

// add stores a failure and removes those that count no more.
func (m *loginAttempt) add(tx *models.Tx, a attempt, timeout time.Duration) error {
	_, err := tx.Exec(sql.SQL(`DELETE FROM "res_user_login_attempt" WHERE "create_date" < ?`, tx.Now().Add(-timeout)))
	if err != nil {
		return err
	}
	var address, network any
	if a.network != "" {
		address, network = a.address.String(), a.network
	}
	_, err = m.Create(tx, m.Login.To(cut(a.login)), m.DeviceCookie.To(a.cookie), m.IPAddress.To(address), m.IPNetwork.To(network))
	return err
}

// remove forgets the failures of a login that succeeded.
func (m *loginAttempt) remove(tx *models.Tx, a attempt) error {
	return m.Delete(tx, m.Search(tx, m.of(a)))
}

// count counts the failures of the login, and of the network, within the timeout.
func (m *loginAttempt) count(tx *models.Tx, a attempt, timeout time.Duration) (login, network int64) {
	recent := domain.C("create_date", domain.GreaterEqual, tx.Now().Add(-timeout))
	if a.network != "" {
		network = m.Count(tx, domain.AllOf(m.IPNetwork.Eq(a.network), recent))
	}
	return m.Count(tx, domain.AllOf(m.of(a), recent)), network
}

func (m *loginAttempt) of(a attempt) domain.Node {
	return domain.AllOf(m.Login.Eq(cut(a.login)), m.DeviceCookie.Eq(a.cookie))
}
