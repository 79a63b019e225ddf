package res

import "paytond/models"

// resetLetter has the texts of the mail with a new password, by the name of the report that is such a mail at the peer.
var resetLetter = &models.Report{Name: "res.user.email_reset_password", Texts: []string{
	"New password", "An administrator reset your password.", "Database: %s", "Login: %s", "Password: %s",
	"It is good until %s, %s UTC. Please log in before and choose one of your own in the preferences.",
}}

// signIn has what users are asked and mailed as they log in, when only the language of the client is known, or theirs.
var signIn = &models.Report{Name: "res.user.sign_in", Texts: []string{
	"Password for %s", "Code that was sent by e-mail to %s", "Code to log in", "Code: %s", "It is good for 5 minutes.",
	"If you are not logging in to %s, somebody else is trying to.",
	"If you are not logging in to %s, somebody else is trying to, and knows your password.",
}}

// inLanguage is a transaction that speaks the user's language.
func inLanguage(tx *models.Tx, user *models.Record) *models.Tx {
	language := User.Language.Of(user)
	if language == nil {
		return tx
	}
	return tx.With(map[string]any{"language": language.Get("code")})
}
