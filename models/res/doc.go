// Package res is Tryton's module res: users, their groups, and how a user
// proves who he is.
//
// # Users and groups
//
// [User] and [Group] are edited by administrators; what a user sees and sets
// of himself goes through get_preferences and set_preferences. Other modules
// add to both, and to what record rules know of the user, by [UserExtension].
//
// # Login
//
// [Authentication] is the one place that decides whether a login succeeds. It
// counts failures in res.user.login.attempt, per login (or device) and per
// network, and delays answers the more the more failures there were. A failure
// is committed although the login fails, and no transaction is open while a
// password is hashed or an answer delayed.
//
// A session is a row of ir.session: its key is random, its create_date bounds
// its life and its write_date (or else its create_date) tells how fresh it is.
//
// # Warnings
//
// [Warn] asks the user before something is done. The client answers by a
// record of res.user.warning and repeats the call.
package res
