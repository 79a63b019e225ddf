package ir

import (
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"paytond/models"
)

// BusChannel is where messages for clients are announced in the database. Each
// is a JSON object with channel ("user:1", "client:…") and message, which has
// type, title, body, priority (0 low to 3 urgent) and message_id.
const BusChannel = "bus"

// Notification is a short message that clients show a user where he works.
type Notification struct {
	Title, Body string
	Priority    int // 0 low, 1 normal, 2 high, 3 urgent
}

// UserChannel is the one of all clients of a user.
func UserChannel(user int64) string { return "user:" + strconv.FormatInt(user, 10) }

// maxNotification bounds title and body in bytes: the database carries 8000 for all.
const maxNotification = 1500

// Notify sends a notification to the clients in which a user is logged in, once
// the transaction is committed. Where the server has no bus, and to clients
// that are not there, it goes unseen: nothing is kept.
func Notify(tx *models.Tx, user int64, n Notification) error {
	payload, err := json.Marshal(map[string]any{
		"channel": UserChannel(user),
		"message": map[string]any{"type": "notification", "title": shorten(n.Title), "body": shorten(n.Body),
			"priority": n.Priority, "message_id": uuid.NewString()},
	})
	if err != nil {
		return err
	}
	return tx.Notify(BusChannel, string(payload))
}

// shorten cuts a text at the bound, between letters.
func shorten(text string) string {
	if len(text) <= maxNotification {
		return text
	}
	end := 0
	for i := range text {
		if i > maxNotification-len("…") {
			break
		}
		end = i
	}
	return text[:end] + "…"
}
