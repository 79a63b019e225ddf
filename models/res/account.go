package res

import (
	"crypto/rand"
	"strings"
	"time"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/value"
)

// Config is what the configuration file says about users.
type Config struct {
	Policy Policy
	// SessionAge is how long a session lives.
	SessionAge time.Duration
	// ResetTimeout is how long a password sent by mail is good for.
	ResetTimeout time.Duration
}

// DefaultConfig has Tryton's defaults: no demands on passwords, sessions of 30
// days, new passwords by mail good for a day.
func DefaultConfig() Config {
	return Config{SessionAge: 30 * 24 * time.Hour, ResetTimeout: 24 * time.Hour}
}

// account is the part of res.user that depends on the configuration.
type account struct {
	models.Extension
	config Config
}

func (a *account) Setup(c *models.Class) {
	c.Setter(User.Password, a.setPassword)
	c.Getter(User.Sessions, a.sessions)
	c.Button(models.Button{Name: "reset_password", States: resetStates(), Depends: []string{"email"}}, a.resetPassword)
}

// setPassword stores the hash of a new password and ends the users' sessions.
// The placeholder that stands for a password leaves it as it is; an empty one
// takes it away. The server itself is free of the policy.
func (a *account) setPassword(tx *models.Tx, users []*models.Record, v any) error {
	password, _ := v.(string)
	if password == placeholder {
		return nil
	}
	for _, r := range users {
		assigns := []models.Assign{User.PasswordHash.To(nil)}
		if password != "" {
			if tx.User() != 0 {
				if err := a.config.Policy.Check(password, User.Name.Of(r), User.Login.Of(r), User.Email.Of(r)); err != nil {
					return err
				}
			}
			hash, err := HashPassword(password)
			if err != nil {
				return err
			}
			assigns = []models.Assign{User.PasswordHash.To(hash), User.PasswordReset.To(nil), User.PasswordResetExpire.To(nil)}
		}
		if err := User.Write(tx.Unchecked(), []*models.Record{r}, assigns...); err != nil {
			return err
		}
	}
	return endSessions(tx, users)
}

// sessions counts the sessions of the users that have not expired.
func (a *account) sessions(tx *models.Tx, users []*models.Record) map[int64]any {
	counts, err := countSessions(tx, models.IDsOf(users), tx.Now().Add(-a.config.SessionAge))
	models.Must(err)
	values := make(map[int64]any, len(users))
	for _, r := range users {
		values[r.ID()] = counts[r.ID()]
	}
	return values
}

// resetPassword gives users a new password for a while and mails it to them.
func (a *account) resetPassword(tx *models.Tx, users []*models.Record) (any, error) {
	for _, r := range users {
		to := User.Email.Of(r)
		if to == "" {
			return nil, models.UserError("The user \"%s\" has no e-mail address.", r.Name())
		}
		password, expire := rand.Text()[:12], tx.Now().Add(a.config.ResetTimeout)
		err := User.Write(tx, []*models.Record{r}, User.PasswordReset.To(password),
			User.PasswordResetExpire.To(expire), User.Password.To(nil))
		if err != nil {
			return nil, err
		}
		err = ir.Queue(tx, resetMail(tx, r, to, password, expire), "")
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// resetMail tells a user his new password, in his language.
func resetMail(tx *models.Tx, user *models.Record, to, password string, expire time.Time) ir.Mail {
	tx = inLanguage(tx, user)
	say := func(source string, args ...any) string { return resetLetter.Say(tx, source, args...) }
	facts := []string{say("Database: %s", tx.Database().Name()), say("Login: %s", User.Login.Of(user)), say("Password: %s", password)}
	day := ir.FormatDate(ir.Language(tx, tx.Language()), value.DateOf(expire.UTC()))
	return ir.Mail{To: []string{to}, Subject: say("New password"), About: user.Ref(), Text: strings.Join([]string{
		say("An administrator reset your password."), strings.Join(facts, "\n"),
		say("It is good until %s, %s UTC. Please log in before and choose one of your own in the preferences.", day, expire.UTC().Format("15:04"))}, "\n\n") + "\n"}
}
