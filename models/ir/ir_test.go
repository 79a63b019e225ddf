package ir_test

import (
	"os"
	"path"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

func modules() []*models.Module { return []*models.Module{ir.Module(), res.Module()} }

// TestModule runs the tests on one database of each kind, since making one
// takes long. Each test has users and records of its own.
func TestModule(t *testing.T) {
	tests := []struct {
		name string
		test func(*testing.T, *models.Database)
	}{
		{"UpdateTwice", testUpdateTwice},
		{"Menu", testMenu},
		{"HiddenChildren", testHiddenChildren},
		{"Favorites", testFavorites},
		{"GlobalSearch", testGlobalSearch},
		{"Icons", testIcons},
		{"ActionValue", testActionValue},
		{"Title", testTitle},
		{"ActionGroups", testActionGroups},
		{"Toolbar", testToolbar},
		{"AdminWindows", testAdminWindows},
		{"ModelAccess", testModelAccess},
		{"FieldAccess", testFieldAccess},
		{"Rules", testRules},
		{"ForeignRights", testForeignRights},
		{"Buttons", testButtons},
		{"ListModels", testListModels},
		{"TreeState", testTreeState},
		{"TreeWidth", testTreeWidth},
		{"ViewSearch", testViewSearch},
		{"Exports", testExports},
		{"Languages", testLanguages},
		{"Translations", testTranslations},
		{"TranslatedRecords", testTranslatedRecords},
		{"TranslationWizards", testTranslationWizards},
		{"Calendar", testCalendar},
		{"Modules", testModules},
		{"Sequences", testSequences},
		{"Timestamps", testTimestamps},
		{"ConcurrentNumbers", testConcurrentNumbers},
		{"Attachments", testAttachments},
		{"Notes", testNotes},
		{"EmailWithoutServer", testEmailWithoutServer},
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		for _, c := range tests {
			t.Run(c.name, func(t *testing.T) { c.test(t, db) })
		}
	})
}

func testUpdateTwice(t *testing.T, db *models.Database) {
	count := func() (n int64) {
		modelstest.Do(t, db, func(tx *models.Tx) { n, _ = tx.Class("ir.model.data").Count(tx, nil) })
		return n
	}
	before := count()
	if err := db.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := count(); after != before {
		t.Errorf("data records: %d, after a second update %d", before, after)
	}
}

// admin is the id of the administrator whom module res brings.
const admin = 1

// call calls a method as a client of the user does.
func call(t *testing.T, db *models.Database, user int64, object, method string, args ...any) any {
	t.Helper()
	result, err := modelstest.Call(db, user, nil, object, method, args...)
	if err != nil {
		t.Fatalf("%s.%s: %v", object, method, err)
	}
	return result
}

// refused calls a method that must fail with an error of the kind.
func refused(t *testing.T, db *models.Database, user int64, kind models.Kind, object, method string, args ...any) {
	t.Helper()
	if result, err := modelstest.Call(db, user, nil, object, method, args...); models.ErrorKind(err) != kind || err == nil {
		t.Errorf("%s.%s gives %v and the error %v, want one of kind %v", object, method, result, err, kind)
	}
}

// newUser creates a user with the groups named by data records.
func newUser(t *testing.T, db *models.Database, name string, groups ...models.Ref) (id int64) {
	t.Helper()
	login := path.Base(t.Name()) + "-" + name
	modelstest.Do(t, db, func(tx *models.Tx) {
		links := []any{}
		for _, g := range groups {
			links = append(links, tx.Ref(g))
		}
		created, err := tx.Class("res.user").Create(tx, []models.Values{{"login": login, "name": login, "email": login + "@example.com",
			"groups": []any{[]any{"add", links}}}})
		models.Must(err)
		id = created[0].ID()
	})
	return id
}

// create stores one record as the server itself.
func create(t *testing.T, db *models.Database, model string, values models.Values) (id int64) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) {
		created, err := tx.Class(model).Create(tx, []models.Values{values})
		models.Must(err)
		id = created[0].ID()
	})
	return id
}

// ref is the id of a data record.
func ref(t *testing.T, db *models.Database, name models.Ref) (id int64) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) { id = tx.Ref(name) })
	return id
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// text is an id as text.
func text(id int64) string { return strconv.FormatInt(id, 10) }
