package ir_test

import (
	"testing"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
)

func testAttachments(t *testing.T, db *models.Database) {
	user := newUser(t, db, "user")
	menu := create(t, db, "ir.ui.menu", models.Values{"name": t.Name()})
	resource := "ir.ui.menu," + text(menu)
	id := call(t, db, admin, "ir.attachment", "create", []any{map[string]any{"name": "a.txt", "resource": resource, "type": "data",
		"data": []byte("hello"), "description": "\n First \nsecond"}}).([]int64)[0]
	row := call(t, db, user, "ir.attachment", "read", []any{id}, []any{"name", "data", "data_size", "summary", "last_user", "resource"}).([]map[string]any)[0]
	equal(t, "attachment", without(row, "resource"), map[string]any{"id": id, "name": "a.txt", "data": []byte("hello"), "data_size": int64(5), "summary": "First", "last_user": "Administrator"})
	sized, err := modelstest.Call(db, user, map[string]any{"ir.attachment.data": "size"}, "ir.attachment", "read", []any{id}, []any{"data"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "size", sized.([]map[string]any)[0]["data"], int64(5))
	rows := call(t, db, user, "ir.attachment", "search_read", []any{clause("resource", "=", resource)}, int64(0), int64(20), nil, []any{"rec_name", "name", "type", "link"}).([]map[string]any)
	equal(t, "of the menu", rows, []map[string]any{{"id": id, "rec_name": "a.txt", "name": "a.txt", "type": "data", "link": nil}})
	equal(t, "counts", call(t, db, user, "ir.ui.menu", "resources", menu), map[string]any{"attachment_count": int64(1), "note_count": int64(0), "note_unread": int64(0)})

	// The user may not write menus: nor attach to them.
	refused(t, db, user, models.KindUser, "ir.attachment", "create", []any{map[string]any{"name": "b", "resource": resource}})
	refused(t, db, user, models.KindUser, "ir.attachment", "write", []any{id}, map[string]any{"name": "b"})
	refused(t, db, user, models.KindUser, "ir.attachment", "delete", []any{id})
	// A menu that he does not see hides its attachments.
	hidden := create(t, db, "ir.attachment", models.Values{"name": "secret", "resource": "ir.ui.menu," + text(ref(t, db, "ir.menu_administration"))})
	refused(t, db, user, models.KindUser, "ir.attachment", "read", []any{hidden}, []any{"name"})
	equal(t, "rows", call(t, db, user, "ir.attachment", "search_read", []any{clause("id", "=", hidden)}, int64(0), nil, nil, []any{"name"}), []map[string]any{})
	equal(t, "found", call(t, db, user, "ir.attachment", "search", []any{clause("name", "like", "secr%")}, int64(0), nil, nil), []int64{})
	equal(t, "counted", call(t, db, user, "ir.attachment", "search_count", []any{clause("name", "like", "secr%")}), int64(0))
	equal(t, "count", call(t, db, user, "ir.attachment", "search_count", []any{clause("resource", "=", resource)}), int64(1))
	refused(t, db, user, models.KindUser, "ir.attachment", "export_data", []any{hidden}, []any{"name"})
	// Nor is there a way around: a part of the hidden, a table to import, a letter about it, what was sent in a letter about another.
	onHidden := "ir.attachment," + text(hidden)
	refused(t, db, user, models.KindUser, "ir.note", "create", []any{map[string]any{"message": "x", "resource": onHidden}})
	note := create(t, db, "ir.note", models.Values{"message": "x", "resource": onHidden})
	refused(t, db, user, models.KindUser, "ir.note", "read", []any{note}, []any{"resource.name"})
	refused(t, db, user, models.KindUser, "ir.attachment", "import_data", []any{"id", "name"}, []any{[]any{hidden, "renamed"}})
	refused(t, db, user, models.KindUser, "ir.attachment", "import_data", []any{"name", "type", "resource"}, []any{[]any{"planted", "data", "ir.ui.menu," + text(ref(t, db, "ir.menu_administration"))}})
	refused(t, db, user, models.KindUser, "ir.email.template", "get_default", "ir.attachment", hidden)
	letter := create(t, db, "ir.email", models.Values{"resource": "ir.ui.menu," + text(ref(t, db, "ir.menu_administration")), "subject": "secret"})
	sent := create(t, db, "ir.attachment", models.Values{"name": "sent", "resource": "ir.email," + text(letter)})
	equal(t, "sent by others", call(t, db, user, "ir.attachment", "search", []any{clause("id", "=", sent)}, int64(0), nil, nil), []int64{})
	equal(t, "sent", call(t, db, admin, "ir.attachment", "search", []any{clause("id", "=", sent)}, int64(0), nil, nil), []int64{sent})
	refused(t, db, user, models.KindUser, "ir.attachment", "copy", []any{hidden}, map[string]any{"resource": "res.user," + text(user)})
	equal(t, "copies", call(t, db, user, "ir.attachment", "get_copy_to_resources", map[string]any{"resource": resource}), [][2]any{})
}

func testNotes(t *testing.T, db *models.Database) {
	user := newUser(t, db, "user")
	menu := create(t, db, "ir.ui.menu", models.Values{"name": t.Name()})
	id := call(t, db, admin, "ir.note", "create", []any{map[string]any{"message": "Ask\nBob", "resource": "ir.ui.menu," + text(menu)}}).([]int64)[0]
	counts := func(user, unread int64) {
		t.Helper()
		equal(t, "counts", call(t, db, user, "ir.ui.menu", "resources", menu), map[string]any{"attachment_count": int64(0), "note_count": int64(1), "note_unread": unread})
	}
	counts(admin, 0)
	counts(user, 1)
	row := func() map[string]any {
		return call(t, db, user, "ir.note", "read", []any{id}, []any{"unread", "last_user", "message_wrapped", "_timestamp"}).([]map[string]any)[0]
	}
	before := row()
	equal(t, "unread", before["unread"], true)
	equal(t, "message", before["message_wrapped"], "Ask\nBob")
	call(t, db, user, "ir.note", "write", []any{id}, map[string]any{"unread": false})
	after := row()
	equal(t, "read", after["unread"], false)
	equal(t, "last user", after["last_user"], "Administrator")
	equal(t, "timestamp", after["_timestamp"], before["_timestamp"])
	counts(user, 0)
	equal(t, "unread notes", call(t, db, user, "ir.note", "search_count", []any{clause("id", "=", id), clause("unread", "=", true)}), int64(0))
	call(t, db, user, "ir.note", "write", []any{id}, map[string]any{"unread": true})
	counts(user, 1)
	refused(t, db, user, models.KindUser, "ir.note", "write", []any{id}, map[string]any{"message": "No"})
}

func testEmailWithoutServer(t *testing.T, db *models.Database) {
	user := newUser(t, db, "carol")
	refused(t, db, user, models.KindUser, "ir.email", "send", "a@example.com", "", "", "Hello", "", []any{}, []any{"res.user", user}, nil, nil)
	found := call(t, db, user, "ir.email", "complete", "carol@", int64(5)).([]any)
	if len(found) != 1 || found[0].([]any)[1] != "testing" && found[0].([]any)[2] == "" {
		t.Errorf("carol@ is completed to %v", found)
	}
	name := "EmailWithoutServer-carol"
	for typed, want := range map[string]any{
		"x@example.com, EmailWithoutServer": "x@example.com, " + name + " <" + name + "@example.com>",
		"testing <" + name:                  name + " <" + name + "@example.com>", "": "", "a, ": "", "Ca": "", "%%%": "",
	} {
		found := call(t, db, user, "ir.email", "complete", typed, int64(1)).([]any)
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].([]any)[2] != want) {
			t.Errorf("%q is completed to %v, want %v", typed, found, want)
		}
	}
	equal(t, "default", call(t, db, user, "ir.email.template", "get_default", "res.user", user), map[string]any{
		"to": []any{name + "@example.com"}, "subject": "User: " + name})
	template := create(t, db, "ir.email.template", models.Values{"name": "T", "model": ref(t, db, ir.ModelRef("res.user")),
		"recipients": ref(t, db, ir.FieldRef("res.user", "id")), "recipients_secondary_pyson": `["x@example.com"]`,
		"subject": "For ${record.name}", "body": "<p>${record.email} ${record.password_hash}</p>"})
	equal(t, "template", call(t, db, user, "ir.email.template", "get", template, user), map[string]any{"to": []any{name + "@example.com"},
		"cc": []any{"x@example.com"}, "bcc": []any{}, "subject": "For " + name, "body": "<p>" + name + "@example.com </p>", "reports": []int64{}})
}
