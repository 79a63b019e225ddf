package sql_test

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// SQLite is C translated to Go against one exact version of modernc.org/libc;
// with another one it can corrupt memory.
func TestLibcIsWhatSQLiteWants(t *testing.T) {
	type module struct{ Path, Version, GoMod string }
	list := func(path string) module {
		out, err := exec.Command("go", "list", "-m", "-json", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		var m module
		if err := json.Unmarshal(out, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	out, err := exec.Command("go", "mod", "edit", "-json", list("modernc.org/sqlite").GoMod).Output()
	if err != nil {
		t.Fatal(err)
	}
	var wants struct{ Require []module }
	if err := json.Unmarshal(out, &wants); err != nil {
		t.Fatal(err)
	}
	have := list("modernc.org/libc").Version
	for _, m := range wants.Require {
		if m.Path == "modernc.org/libc" {
			if m.Version != have {
				t.Errorf("modernc.org/libc is %s, modernc.org/sqlite wants %s", have, m.Version)
			}
			return
		}
	}
	t.Error("modernc.org/sqlite does not require modernc.org/libc")
}
