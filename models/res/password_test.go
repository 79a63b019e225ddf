package res_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/res"
)

// The hashes of passlib 1.7.4 and bcrypt, as trytond stores them; argon2id is
// the example in argon2-cffi's documentation.
var hashes = []struct{ name, password, hash string }{
	{"bcrypt", walk, "$2b$05$coStFNKh3u/CUqZ5hWOUpOfZUYkD2f5QNjLue2aSbtpzRxrs7a0ka"},
	{"bcrypt 2a", walk, "$2a$05$gyzeHQK.Hcp3VVnUuBw6IOQM4kKp0LBD2T0boQwtSTjbrmwqV/QHm"},
	{"bcrypt 2y", walk, "$2y$05$/Sza2i.nwyMdT5rL.7.JaugeHKMY.4vinEIm/o4sJgYbB4Y4wNkSu"},
	{"bcrypt cuts at 72", strings.Repeat("x", 80), "$2b$05$wt6HAOmDr4q5cwuEwnp32uyZPaWpNJx0Myw11P.PYcm6gMNTiuyYK"},
	{"bcrypt_sha256", walk, "$bcrypt-sha256$v=2,t=2b,r=5$TVdqnvYyJGDNF30Ro82glu$l9A0CcSznDhVdznsl2BK0a4T.3VHWha"},
	{"bcrypt_sha256 v1", walk, "$bcrypt-sha256$2b,5$E7V5JDG/U5BmV47qGobilu$72NNuRiQwU6Q5jLHYwkGf8BUo/BAof."},
	{"pbkdf2_sha512", walk, "$pbkdf2-sha512$1000$SkmplVJqTclZi1FqzZkTQg$f7yfmJriYgYMGbq5MxIGKYf.Cu2ZMaJcv.bz.INjxGrkvgHsFwyw6IY1GGTIuMC9qPy.EwssGV/lahe0KtjIwA"},
	{"pbkdf2_sha256", walk, "$pbkdf2-sha256$1000$uXdu7Z0TgnDOuXfu3VtrzQ$4gy.xk8wo7zvnzrkJIrUhxQUxnbOvtT/NcZZ6e8wRqw"},
	{"pbkdf2_sha1", walk, "$pbkdf2$1000$8L7XWouREgLAmJOS8h4DAA$a3GEVVechMRbmYoxFY./8rRhVD4"},
	{"scrypt", walk, "$scrypt$ln=8,r=8,p=1$stZaKyXkvBciBOD8/59zrg$mNWRxtpdUZYK/QxFqQeOKnirSEv7myGCqHMf7IymwYM"},
	{"sha512_crypt", walk, "$6$rounds=1000$kFdcGryGf3TpWVHE$.iDofNTQta0EVh02JUjrj798VFjA8YAAUe56NRUozx6/JEZhlwmpmAI.OfbokUboQT/DM6vTNN3.8lc2hECEp/"},
	{"sha256_crypt", walk, "$5$rounds=1000$8Tmt14l43nwcmGLq$sNvMoOtEGSV7QQm/IUWbirVXiF.7WSPQQcfR5oiwG6C"},
	{"md5_crypt", walk, "$1$i/2I7P37$QbOt9rQFI.qFjXsGwWgqs1"},
	{"sha1_crypt", walk, "$sha1$1000$wVxOhJYo$3U8TkHlsXQvyT6agrG4p9mDuwxad"},
	{"sha1", walk, "sha1$f0370f1cd62ba02aa9e95e15c2d2a2e6bacf1253$Ab3dE9xY"},
	{"sha1 without salt", walk, "sha1$38c51cee388f4ca8ec3c2d3649181dae48b128c0$"},
	{"bcrypt of old", walk, "bcrypt$$2b$05$v0Obt7Ufcz61HnJsNtm8aOBIGA0oQ5g4qqtutFlB3fFuvPUHwsOaG"},
	{"argon2id", "correct horse battery staple", "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg"},
}

const walk = "Walks-by9-Løchan"

func TestVerifyPassword(t *testing.T) {
	for _, h := range hashes {
		t.Run(h.name, func(t *testing.T) {
			valid, outdated, err := res.VerifyPassword(h.password, h.hash)
			if err != nil || !valid {
				t.Fatalf("the password does not match: %v", err)
			}
			if want := h.name != "argon2id"; outdated != want {
				t.Errorf("outdated is %v, want %v", outdated, want)
			}
			valid, _, err = res.VerifyPassword("y"+h.password, h.hash)
			if err != nil || valid {
				t.Errorf("another password matches (%v)", err)
			}
		})
	}
}

func TestHashPassword(t *testing.T) {
	hash, err := res.HashPassword(walk)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("a new hash is %s", hash)
	}
	if valid, outdated, err := res.VerifyPassword(walk, hash); !valid || outdated || err != nil {
		t.Errorf("valid %v, outdated %v, error %v", valid, outdated, err)
	}
}

// A stored text that is no hash, or that asks for all memory of the machine,
// must neither match nor harm.
func TestVerifyBadHash(t *testing.T) {
	for _, hash := range []string{"", "x", "$", "$$$", "plain", "$plaintext$" + walk, "{CLEARTEXT}" + walk, "$nothing$x$y",
		"$2b$05$short", "bcrypt$", "$argon2id$v=19$m=4194304,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg",
		"$argon2id$v=19$m=65536,t=4000000,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg",
		"$2b$31$coStFNKh3u/CUqZ5hWOUpOfZUYkD2f5QNjLue2aSbtpzRxrs7a0ka",
		"$6$rounds=999999999$kFdcGryGf3TpWVHE$.iDofNTQta0EVh02JUjrj798VFjA8YAAUe56NRUozx6/JEZhlwmpmAI.OfbokUboQT/DM6vTNN3.8lc2hECEp/",
		"$pbkdf2-sha512$100000000$SkmplVJqTclZi1FqzZkTQg$f7yfmJriYgYMGbq5MxIGKYf.Cu2ZMaJcv.bz.INjxGrkvgHsFwyw6IY1GGTIuMC9qPy.EwssGV/lahe0KtjIwA",
		"$scrypt$ln=24,r=8,p=1$stZaKyXkvBciBOD8/59zrg$mNWRxtpdUZYK/QxFqQeOKnirSEv7myGCqHMf7IymwYM",
	} {
		if valid, _, err := res.VerifyPassword(walk, hash); valid || err == nil {
			t.Errorf("%q: valid %v, error %v", hash, valid, err)
		}
	}
	if valid, _, _ := res.VerifyPassword(strings.Repeat("x", 1<<20), hashes[3].hash); valid {
		t.Error("a password of a megabyte is accepted")
	}
}

func TestPolicy(t *testing.T) {
	forbidden := filepath.Join(t.TempDir(), "forbidden")
	if err := os.WriteFile(forbidden, []byte("123456\nSecret-1\nletmein\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	own := []string{"Alice Stone", "alice", ""}
	for _, c := range []struct {
		policy   res.Policy
		password string
		want     string
	}{
		{res.Policy{}, "x", ""},
		{res.Policy{}, "ALICE", "The password must differ from the name, login and e-mail address of the user."},
		{res.Policy{}, strings.Repeat("long", 300), "The password is too long."},
		{res.Policy{Length: 8}, "1234567", "The password is too short."},
		{res.Policy{Length: 8}, "12345678", ""},
		{res.Policy{Entropy: 0.75}, "aaab", "The same characters appear in the password too many times."},
		{res.Policy{Entropy: 0.75}, "aabc", ""},
		{res.Policy{Forbidden: forbidden}, "Secret-1", "The password is forbidden."},
		{res.Policy{Forbidden: forbidden}, "Secret-12", ""},
	} {
		err := c.policy.Check(c.password, own...)
		got := ""
		if err != nil {
			got = err.Error()
			if !models.IsKind(err, models.KindUser) {
				t.Errorf("%q: not an error for users: %v", c.password, err)
			}
		}
		if got != c.want {
			t.Errorf("%+v %q: got %q, want %q", c.policy, c.password, got, c.want)
		}
	}
	if err := (res.Policy{Forbidden: forbidden + "x"}).Check("y"); err == nil || models.IsKind(err, models.KindUser) {
		t.Errorf("a missing list of forbidden passwords gives %v", err)
	}
}
