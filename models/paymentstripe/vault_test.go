package paymentstripe

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// newKey is a line of a file of master keys.
func newKey(n byte) string {
	key := make([]byte, 32)
	key[0] = n
	return base64.StdEncoding.EncodeToString(key)
}

func vaultOf(t *testing.T, dir string, keys ...string) *Vault {
	t.Helper()
	master := ""
	if len(keys) > 0 {
		path := filepath.Join(t.TempDir(), "master")
		if err := os.WriteFile(path, []byte("# newest first\n\n"+strings.Join(keys, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		master = filePrefix + path
	}
	v, err := NewVault(master, dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVaultSealsAndOpens(t *testing.T) {
	v := vaultOf(t, "", newKey(1))
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.String().Draw(t, "plain")
		sealed := v.seal("secret_key", plain)
		if opened, err := v.open("secret_key", sealed); err != nil || opened != plain {
			t.Fatalf("%q was sealed as %q and opened as %q, %v", plain, sealed, opened, err)
		}
		if !v.current(sealed) {
			t.Fatalf("%q is not current", sealed)
		}
	})
	sealed := v.seal("secret_key", "sk_test_1")
	if strings.Contains(sealed, "sk_test") || sealed == v.seal("secret_key", "sk_test_1") {
		t.Errorf("sealed as %q", sealed)
	}
	for what, text := range map[string]string{"another field": "webhook_signing_secret " + sealed,
		"changed": "secret_key " + sealed[:len(sealed)-2] + "AA", "cut off": "secret_key " + sealed[:20]} {
		field, text, _ := strings.Cut(text, " ")
		if opened, err := v.open(field, text); err == nil {
			t.Errorf("%s: opened as %q", what, opened)
		}
	}
}

func TestVaultRotatesItsMasterKey(t *testing.T) {
	before := vaultOf(t, "", newKey(1))
	both := vaultOf(t, "", newKey(2), newKey(1))
	after := vaultOf(t, "", newKey(2))
	sealed := before.seal("secret_key", "sk_test_1")
	if both.current(sealed) || !before.current(sealed) {
		t.Error("a text that an older key sealed is current, or one of the only key is not")
	}
	opened, err := both.open("secret_key", sealed)
	if err != nil || opened != "sk_test_1" {
		t.Fatalf("opened %q, %v", opened, err)
	}
	if opened, err = after.open("secret_key", both.seal("secret_key", opened)); err != nil || opened != "sk_test_1" {
		t.Errorf("with the new key alone opened %q, %v", opened, err)
	}
	if _, err = after.open("secret_key", sealed); err == nil || !strings.Contains(err.Error(), "does not have") {
		t.Errorf("without the old key: %v", err)
	}
}

func TestVaultLooksUpReferences(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "good"), "rk_test_file\n")
	write(filepath.Join(dir, "other"), "password: hunter2\n")
	write(filepath.Join(outside, "good"), "sk_test_outside\n")
	if err := os.Symlink(filepath.Join(outside, "good"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PAYTOND_TEST_KEY", "sk_test_env")
	t.Setenv("PAYTOND_TEST_OTHER", "hunter2")
	v, none := vaultOf(t, dir, newKey(1)), vaultOf(t, "")
	for _, c := range []struct {
		vault              *Vault
		stored, want, fail string
	}{
		{v, "sk_test_plain", "sk_test_plain", ""},
		{v, v.seal("secret_key", "sk_test_plain"), "sk_test_plain", ""},
		{v, "env:PAYTOND_TEST_KEY", "sk_test_env", ""},
		{v, "env:PAYTOND_TEST_NONE", "", "PAYTOND_TEST_NONE is not set"},
		{v, "env:PAYTOND_TEST_OTHER", "", "begins with sk_"},
		{v, "file:" + filepath.Join(dir, "good"), "rk_test_file", ""},
		{v, "file:" + filepath.Join(dir, "none"), "", "there is no file"},
		{v, "file:" + filepath.Join(dir, "other"), "", "begins with sk_"},
		{v, "file:" + filepath.Join(dir, "link"), "", "cannot be read"},
		{v, "file:" + filepath.Join(outside, "good"), "", "must be in the directory"},
		{none, "file:" + filepath.Join(dir, "good"), "", "secrets_path"},
		{none, "env:PAYTOND_TEST_KEY", "sk_test_env", ""},
	} {
		got, err := c.vault.resolve("secret_key", c.stored, []string{"sk_", "rk_"})
		if got != c.want || (err == nil) != (c.fail == "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%s: got %q, %v", c.stored, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "outside\n")) {
			t.Errorf("%s: the error shows the content: %v", c.stored, err)
		}
	}
	for text, ok := range map[string]bool{"env:GOOD_1": true, "env:": false, "env:A B": false, "env:1A": false, "file:relative": false,
		"file:" + dir: false, "file:" + dir + "/a/../b": true, "file:" + dir + "/../b": false} {
		if err := v.check(text); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMasterKeysThatAreNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master")
	if err := os.WriteFile(path, []byte("c2hvcnQ=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PAYTOND_TEST_MASTER", newKey(3))
	for master, ok := range map[string]bool{"": true, "env:PAYTOND_TEST_MASTER": true, "env:PAYTOND_TEST_NONE": false, "file:" + path: false,
		"file:" + path + "x": false, newKey(1): false} {
		v, err := NewVault(master, "")
		if (err == nil) != ok {
			t.Errorf("%s: %v", master, err)
		}
		if err != nil && strings.Contains(err.Error(), "c2hvcnQ") || err != nil && strings.Contains(err.Error(), newKey(1)) {
			t.Errorf("the error shows the key: %v", err)
		}
		if v != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", v, v, v), "aead") {
			t.Errorf("%s prints as %#v", master, v)
		}
	}
}
