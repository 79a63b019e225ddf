package res

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-crypt/crypt"
	"github.com/go-crypt/crypt/algorithm"
	"github.com/go-crypt/crypt/algorithm/argon2"
	"github.com/go-crypt/crypt/algorithm/bcrypt"
	"github.com/go-crypt/crypt/algorithm/md5crypt"
	"github.com/go-crypt/crypt/algorithm/pbkdf2"
	"github.com/go-crypt/crypt/algorithm/scrypt"
	"github.com/go-crypt/crypt/algorithm/sha1crypt"
	"github.com/go-crypt/crypt/algorithm/shacrypt"

	"paytond/models"
)

// maxPassword bounds a password in bytes: hashing takes time that grows with it.
const maxPassword = 1024

// HashPassword makes the text that is stored for a password: argon2id with the
// parameters of RFC 9106 for little memory (64 MiB, 3 passes), which are also
// passlib's. It takes some tens of milliseconds.
func HashPassword(password string) (string, error) {
	digest, err := argon2.ProfileRFC9106LowMemory.Hasher().Hash(password)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return digest.Encode(), nil
}

// VerifyPassword reports whether the password belongs to the stored hash, and
// whether the hash should be replaced by a new one. It reads every form that
// Tryton stores: those of passlib, "bcrypt$…" and "sha1$hash$salt". A hash in
// none of these forms, or one that asks for an absurd effort, is an error.
func VerifyPassword(password, hash string) (valid, outdated bool, err error) {
	if len(password) > maxPassword {
		return false, false, nil
	}
	if rest, ok := strings.CutPrefix(hash, "sha1$"); ok {
		return verifySHA1(password, rest), true, nil
	}
	hash = strings.TrimPrefix(hash, "bcrypt$")
	if err := checkEffort(hash); err != nil {
		return false, false, err
	}
	valid, err = matchHash(password, hash)
	return valid, !strings.HasPrefix(hash, "$argon2id$"), err
}

func matchHash(password, hash string) (bool, error) {
	if m := oldBcryptSHA256.FindStringSubmatch(hash); m != nil {
		// What is hashed is the sum of the password; the library knows only the later version.
		sum := sha256.Sum256([]byte(password))
		password = base64.StdEncoding.EncodeToString(sum[:])
		hash = fmt.Sprintf("$%s$%02s$%s%s", m[1], m[2], m[3], m[4])
	}
	digest, err := decodeHash(hash)
	if err != nil {
		return false, err
	}
	valid, err := digest.MatchAdvanced(password)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	return valid, nil
}

var oldBcryptSHA256 = regexp.MustCompile(`^\$bcrypt-sha256\$(2[ab]),(\d+)\$([^$]{22})\$([^$]{31})$`)

func verifySHA1(password, rest string) bool {
	want, salt, _ := strings.Cut(rest, "$")
	sum := sha1.Sum([]byte(password + salt))
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(want)) == 1
}

// effort lists the forms of hashes with the greatest numbers that they may
// carry: what is stored must not be able to occupy the machine for minutes.
// The first form that fits counts.
var effort = []struct {
	form  *regexp.Regexp
	limit []int
}{
	{regexp.MustCompile(`^\$argon2(?:id|i|d)\$(?:v=\d+\$)?m=(\d+),t=(\d+),p=(\d+)\$`), []int{1 << 20, 100, 64}},
	{regexp.MustCompile(`^\$2[abxy]\$(\d+)\$`), []int{16}},
	{regexp.MustCompile(`^\$bcrypt-sha256\$v=2,t=2b,r=(\d+)\$`), []int{16}},
	{regexp.MustCompile(`^\$bcrypt-sha256\$2[ab],(\d+)\$`), []int{16}},
	{regexp.MustCompile(`^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$`), []int{20, 32, 16}},
	{regexp.MustCompile(`^\$pbkdf2(?:-sha\d+)?\$(\d+)\$`), []int{10_000_000}},
	{regexp.MustCompile(`^\$sha1\$(\d+)\$`), []int{10_000_000}},
	{regexp.MustCompile(`^\$[56]\$rounds=(\d+)\$`), []int{10_000_000}},
	{regexp.MustCompile(`^\$[156]\$[^$=]*\$`), nil},
}

func checkEffort(hash string) error {
	for _, e := range effort {
		match := e.form.FindStringSubmatch(hash)
		if match == nil {
			continue
		}
		for i, limit := range e.limit {
			if n, err := strconv.Atoi(match[i+1]); err != nil || n > limit {
				return fmt.Errorf("res: a password hash asks for an effort of %s, more than %d", match[i+1], limit)
			}
		}
		return nil
	}
	return errors.New("res: a password hash has an unknown form")
}

func decodeHash(hash string) (algorithm.Digest, error) {
	d := crypt.NewDecoder()
	for _, register := range []func(algorithm.DecoderRegister) error{
		argon2.RegisterDecoder, bcrypt.RegisterDecoder, pbkdf2.RegisterDecoder, scrypt.RegisterDecoder,
		shacrypt.RegisterDecoder, sha1crypt.RegisterDecoder, md5crypt.RegisterDecoder,
	} {
		if err := register(d); err != nil {
			return nil, fmt.Errorf("password hashes: %w", err)
		}
	}
	digest, err := d.Decode(hash)
	if err != nil {
		return nil, fmt.Errorf("read a password hash: %w", err)
	}
	return digest, nil
}

// Policy says which new passwords are refused; the zero Policy refuses only
// what equals the user's own data.
type Policy struct {
	Length    int     // least number of bytes
	Entropy   float64 // least share of different characters, from 0 to 1
	Forbidden string  // file whose text must not contain the password, "" for none
}

// Check returns what is wrong with a new password as an error for users; own
// are the name, login and e-mail address of the user, which may be empty.
func (p Policy) Check(password string, own ...string) error {
	switch {
	case len(password) > maxPassword:
		return models.UserError("The password is too long.")
	case len(password) < p.Length:
		return models.UserError("The password is too short.")
	case p.Entropy > 0 && variety(password) < p.Entropy:
		return models.UserError("The same characters appear in the password too many times.")
	}
	for _, text := range own {
		if text != "" && strings.EqualFold(text, password) {
			return models.UserError("The password must differ from the name, login and e-mail address of the user.")
		}
	}
	return p.checkForbidden(password)
}

// variety is the number of different characters for each character.
func variety(password string) float64 {
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	return float64(len(different)) / float64(max(1, utf8.RuneCountInString(password)))
}

func (p Policy) checkForbidden(password string) error {
	if p.Forbidden == "" {
		return nil
	}
	text, err := os.ReadFile(p.Forbidden)
	if err != nil {
		return fmt.Errorf("forbidden passwords: %w", err)
	}
	if bytes.Contains(text, []byte(password)) {
		return models.UserError("The password is forbidden.")
	}
	return nil
}
