package main

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// recordings is what was recorded of the peer, the reference server.
const recordings = "../shared/protocol/"

// openRecording opens a recording; without it the test is skipped, but fails where CI=true.
func openRecording(t *testing.T, name string) *os.File {
	t.Helper()
	file, err := os.Open(recordings + name)
	switch {
	case err == nil:
		t.Cleanup(func() { file.Close() })
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skipf("the recordings are missing: %v", err)
	}
	return file
}

// readTable reads a table of tab-separated values: rows with their cells by the names of the columns.
func readTable(t *testing.T, name string) []map[string]string {
	t.Helper()
	var rows []map[string]string
	var columns []string
	lines := bufio.NewScanner(openRecording(t, name))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if columns == nil {
			columns = cells
			continue
		}
		row := map[string]string{}
		for i, column := range columns {
			if i < len(cells) {
				row[column] = cells[i]
			}
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil || len(rows) == 0 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), err)
	}
	return rows
}

// difference is one between the peer and us: of a method or a thing, at a place in it.
type difference struct{ subject, place, what string }

// found are the differences, with the lines of the recording that show them.
type found map[difference][]int

func (f found) note(subject, place, what string, lines ...int) {
	d := difference{subject, place, what}
	f[d] = append(f[d], lines...)
}

// notEqual notes that two texts differ.
func (f found) notEqual(subject, place, ours, theirs string) {
	if ours != theirs {
		f.note(subject, place, fmt.Sprintf("%q, not %q", ours, theirs))
	}
}

// excuse argues why a difference stays. Subject, place and what are patterns of path.Match; a * matches a slash too.
type excuse struct {
	subject, place, what, reason string
	only                         string // the one database on which it differs, "" for both
}

func (e excuse) covers(d difference) bool {
	for _, part := range [][2]string{{e.subject, d.subject}, {e.place, d.place}, {e.what, d.what}} {
		pattern := strings.NewReplacer("/", "\x00", "[", `\[`).Replace(part[0])
		fits, err := path.Match(pattern, strings.ReplaceAll(part[1], "/", "\x00"))
		if err != nil {
			panic(fmt.Sprintf("bad pattern in %+v", e))
		}
		if !fits {
			return false
		}
	}
	return true
}

// judge fails the test on differences that nobody argued, and on arguments about differences that are none any more.
func (f found) judge(t *testing.T, excuses []excuse, database string) {
	t.Helper()
	used := make([]bool, len(excuses))
	for _, d := range f.sorted() {
		argued := false
		for i, e := range excuses {
			if e.covers(d) {
				used[i], argued = true, true
			}
		}
		if !argued {
			t.Errorf("%s: %s: %s %v", d.subject, d.place, d.what, f[d])
		}
	}
	for i, e := range excuses {
		if e.reason == "" {
			t.Errorf("no reason is given: %+v", e)
		}
		if !used[i] && (e.only == "" || e.only == database) {
			t.Errorf("nothing differs any more: %+v", e)
		}
	}
}

func (f found) sorted() []difference {
	var all []difference
	for d := range f {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b difference) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return all
}
