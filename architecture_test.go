package main

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// floors names every room of the house (a package, and those below it) with its floor. A room imports only rooms of lower floors.
// The root and models are only themselves: a package that is added below them is given its floor here.
var floors = map[string]int{
	"paytond":     6,
	"paytond/rpc": 5, "paytond/checkout": 5, "paytond/scheduler": 5, "paytond/rpc/byhand": 5, "paytond/scheduler/faults": 5,
	"paytond/models/paymentstripe": 4,
	"paytond/models/payment":       3,
	"paytond/models/ir":            2, "paytond/models/res": 2, "paytond/models/party": 2,
	"paytond/models/company": 2, "paytond/models/currency": 2, "paytond/models/country": 2,
	"paytond/models": 1, "paytond/models/modelstest": 1, "paytond/models/pyson": 1, "paytond/models/domain": 1, "paytond/models/value": 1,
	"paytond/models/paper": 1,
	"paytond/sql":          0, "paytond/stripe": 0, "paytond/rpc/guard": 0,
}

// open are the floors whose rooms may import each other: the framework's parts are one thing, and company builds on party as at Tryton's.
var open = []int{1, 2}

// doors names the rooms by which a library may enter. Those without a room are for tests.
var doors = map[string][]string{
	"github.com/gorilla/rpc":              {"paytond/rpc"},
	"github.com/stripe/stripe-go":         {"paytond/stripe"},
	"github.com/lib/pq":                   {"paytond/sql"},
	"modernc.org/sqlite":                  {"paytond/sql"},
	"github.com/cockroachdb/apd":          {"paytond/models/value"},
	"github.com/beevik/etree":             {"paytond/models"},
	"github.com/leonelquinteros/gotext":   {"paytond/models"},
	"github.com/go-crypt/crypt":           {"paytond/models/res"},
	"github.com/wneessen/go-mail":         {"paytond"},
	"github.com/google/uuid":              {"paytond/models/ir", "paytond/models/paymentstripe", "paytond/stripe"},
	"golang.org/x/time":                   {"paytond/rpc", "paytond/checkout", "paytond/stripe"},
	"github.com/alecthomas/kong":          {"paytond"},
	"gopkg.in/ini.v1":                     {"paytond"},
	"golang.org/x/text":                   {"paytond/rpc", "paytond/models/paper"},
	"golang.org/x/image":                  {"paytond/models/paper", "paytond/rpc"},
	"codeberg.org/go-pdf/fpdf":            {"paytond/models/paper"},
	"github.com/go-fonts/liberation":      {"paytond/models/paper"},
	"golang.org/x/term":                   {"paytond"},
	"github.com/prometheus/client_golang": {"paytond"},

	"database/sql":        {"paytond/sql"},
	"database/sql/driver": {"paytond/sql", "paytond/models/value"},
	"net/http": {"paytond/rpc", "paytond/checkout", "paytond/stripe", "paytond/rpc/guard", "paytond/rpc/byhand", "paytond/scheduler/faults",
		"paytond"},

	"github.com/google/go-cmp": nil,
	"pgregory.net/rapid":       nil,
	"go.uber.org/goleak":       {"paytond/sql"}, // sqltest, with which tests are made
	"github.com/chromedp":      nil,
}

// never is what enters a room in no way though its floor or a door would let it: the last column of the design's table, as far
// as imports show it. (That a lower room knows nothing of a higher one is the floors' matter.)
var never = map[string][]string{
	"paytond/rpc":                  {"paytond/sql", "database/sql", "paytond/stripe", "paytond/models/payment", "paytond/models/paymentstripe"},
	"paytond/checkout":             {"paytond/sql", "database/sql", "paytond/stripe"},
	"paytond/scheduler":            {"paytond/sql", "paytond/stripe", "paytond/models/payment", "paytond/models/paymentstripe"},
	"paytond/models/paymentstripe": {"net/http"},
	"paytond/models/payment":       {"paytond/stripe", "net/http"},
	"paytond/models":               {"paytond/stripe", "net/http"},
	"paytond/sql":                  {"paytond/stripe"},
	"paytond/stripe":               {"paytond/sql", "database/sql"},
}

// goPackage is what go list tells of one package of the module.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// house lists the module's packages.
func house(t *testing.T) []goPackage {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(tool(t, nil, "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")))
	var found []goPackage
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		found = append(found, p)
	}
}

// around is the innermost of the names that holds an import path, "" if none does.
func around[V any](names map[string]V, path string) string {
	best := ""
	for name := range names {
		if (path == name || strings.HasPrefix(path, name+"/")) && len(name) > len(best) {
			best = name
		}
	}
	return best
}

// roomOf is the room that a package of the module is in, "" if it has none.
func roomOf(path string) string {
	room := around(floors, path)
	if path != room && (room == "paytond" || room == "paytond/models") {
		return ""
	}
	return room
}

func TestRoomsImportOnlyLowerFloors(t *testing.T) {
	for _, p := range house(t) {
		from := roomOf(p.ImportPath)
		if from == "" {
			t.Errorf("%s is on no floor: name it in floors", p.ImportPath)
			continue
		}
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			to := roomOf(path)
			if to == "" || to == from || floors[to] < floors[from] {
				continue
			}
			if floors[to] == floors[from] && slices.Contains(open, floors[to]) {
				continue
			}
			t.Errorf("%s (floor %d) imports %s (floor %d)", p.ImportPath, floors[from], path, floors[to])
		}
	}
}

// Tests may take in what they try a room with.
func TestRoomsImportNothingThatNeverEnters(t *testing.T) {
	for _, p := range house(t) {
		for _, path := range p.Imports {
			for _, banned := range never[roomOf(p.ImportPath)] {
				if path == banned || strings.HasPrefix(path, banned+"/") {
					t.Errorf("%s imports %s, which never enters it", p.ImportPath, path)
				}
			}
		}
	}
}

func TestLibrariesEnterByTheirDoors(t *testing.T) {
	for _, p := range house(t) {
		for _, path := range p.Imports {
			door := around(doors, path)
			outside := strings.Contains(strings.Split(path, "/")[0], ".")
			switch {
			case door == "" && outside:
				t.Errorf("%s imports %s, which has no door", p.ImportPath, path)
			case door != "" && !slices.Contains(doors[door], roomOf(p.ImportPath)):
				t.Errorf("%s imports %s, which enters by %v only", p.ImportPath, path, doors[door])
			}
		}
	}
}

// The tests above would pass on a house that they do not see.
func TestHouseIsSeen(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range house(t) {
		seen[roomOf(p.ImportPath)] = true
	}
	for room := range floors {
		if !seen[room] {
			t.Errorf("room %s is empty", room)
		}
	}
}
