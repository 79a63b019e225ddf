package res

import (
	"paytond/models"
	"paytond/models/domain"
)

type device struct {
	models.Model
	Login  models.Char
	Cookie models.Char
}

// Device is res.user.device: a client that a user has logged in with. Its
// failures count apart, so that a stranger cannot lock the user out.
var Device = models.Define(&device{
	Model:  models.Model{Name: "res.user.device", Internal: true, String: "User Device"},
	Login:  models.NewChar(models.Field{String: "Login", Required: true}),
	Cookie: models.NewChar(models.Field{String: "Cookie", Required: true, Readonly: true}),
})

func (d *device) Setup(c *models.Class) {
	c.Method(models.Method{Name: "renew", Help: "Replaces the cookie of the client, or gives it its first.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			cookie := a.Text(0)
			if a.Err() != nil {
				return nil, a.Err()
			}
			return d.renew(tx.Unchecked(), cookie)
		}})
}

func (d *device) renew(tx *models.Tx, cookie string) (string, error) {
	login := User.Login.Of(User.Get(tx, tx.User()))
	fresh := randomHex(16)
	if cookie != "" {
		known := d.Search(tx, d.of(login, cookie))
		if len(known) > 0 {
			return fresh, d.Write(tx, known, d.Cookie.To(fresh))
		}
	}
	_, err := d.Create(tx, d.Login.To(login), d.Cookie.To(fresh))
	return fresh, err
}

func (d *device) of(login, cookie string) domain.Node {
	return domain.AllOf(d.Login.Eq(login), d.Cookie.Eq(cookie))
}

// forgetDevices removes the devices of users.
func forgetDevices(tx *models.Tx, logins []any) error {
	return Device.Delete(tx, Device.Search(tx, Device.Login.In(logins...)))
}
