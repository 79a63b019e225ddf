package paymentstripe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// How a key or signing secret is kept, by the beginning of its text: a reference to what the server's administrator keeps, or sealed with
// a master key; anything else is the key itself.
const (
	envPrefix    = "env:"    // env:NAME, a variable of the server's environment
	filePrefix   = "file:"   // file:/path, a file in the vault's directory
	sealedPrefix = "sealed:" // sealed:KEYID:BASE64
)

// Vault keeps the keys of accounts: it seals them with the first of its master keys, opens what was sealed with any of them, and looks
// up references. It is safe for concurrent use, and prints as nothing.
type Vault struct {
	keys []masterKey
	dir  string
}

// masterKey is AES-256-GCM with the id that sealed texts name.
type masterKey struct {
	id   string
	aead cipher.AEAD
}

// NewVault reads the master keys: master is "", env:NAME or file:/path, whose lines are keys of 32 bytes in base64, the newest first;
// empty lines and those that begin with # are passed over. Without one nothing is sealed. dir is the directory in which files that
// accounts refer to must be; "" allows none.
func NewVault(master, dir string) (*Vault, error) {
	v := &Vault{}
	if dir != "" {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return nil, fmt.Errorf("directory of secrets: %w", err)
		}
		v.dir = absolute
	}
	var text string
	switch {
	case master == "":
		return v, nil
	case strings.HasPrefix(master, envPrefix):
		text = os.Getenv(strings.TrimPrefix(master, envPrefix))
	case strings.HasPrefix(master, filePrefix):
		content, err := os.ReadFile(strings.TrimPrefix(master, filePrefix))
		if err != nil {
			return nil, fmt.Errorf("master key: %w", err)
		}
		text = string(content)
	default:
		return nil, errors.New("master key: it must be env:NAME or file:/path, never the key itself")
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := newMasterKey(line)
		if err != nil {
			return nil, fmt.Errorf("master key %s: %w", master, err)
		}
		v.keys = append(v.keys, k)
	}
	if len(v.keys) == 0 {
		return nil, fmt.Errorf("master key %s: there is none", master)
	}
	return v, nil
}

func newMasterKey(text string) (masterKey, error) {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return masterKey{}, errors.New("a line is not 32 bytes in base64")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return masterKey{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return masterKey{}, err
	}
	sum := sha256.Sum256(append([]byte("paytond master key\n"), key...))
	return masterKey{id: hex.EncodeToString(sum[:4]), aead: aead}, nil
}

// String prints nothing of the keys.
func (v *Vault) String() string { return fmt.Sprintf("vault with %d master keys", len(v.keys)) }

// GoString keeps %#v from printing the keys.
func (v *Vault) GoString() string { return v.String() }

// LogValue keeps the keys out of logs.
func (v *Vault) LogValue() slog.Value { return slog.StringValue(v.String()) }

// seal gives the text under which a field's secret is stored. What is a reference, or sealed already, stays, and so does everything
// where there is no master key.
func (v *Vault) seal(field, plain string) string {
	if plain == "" || len(v.keys) == 0 || isReference(plain) || strings.HasPrefix(plain, sealedPrefix) {
		return plain
	}
	k := v.keys[0]
	nonce := make([]byte, k.aead.NonceSize())
	rand.Read(nonce) // never fails: crypto/rand ends the program instead
	return sealedPrefix + k.id + ":" + base64.RawURLEncoding.EncodeToString(k.aead.Seal(nonce, nonce, []byte(plain), []byte(field)))
}

// open gives what was stored before it was sealed: the secret itself, or a reference to it.
func (v *Vault) open(field, stored string) (string, error) {
	sealed, ok := strings.CutPrefix(stored, sealedPrefix)
	if !ok {
		return stored, nil
	}
	id, text, _ := strings.Cut(sealed, ":")
	for _, k := range v.keys {
		if k.id != id {
			continue
		}
		data, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(data) < k.aead.NonceSize() {
			return "", errors.New("it is sealed, but damaged")
		}
		plain, err := k.aead.Open(nil, data[:k.aead.NonceSize()], data[k.aead.NonceSize():], []byte(field))
		if err != nil {
			return "", errors.New("it is sealed, but damaged")
		}
		return string(plain), nil
	}
	return "", fmt.Errorf("it is sealed with the master key %s, which the server does not have", id)
}

// current tells whether a stored text is as it would be stored today.
func (v *Vault) current(stored string) bool {
	if stored == "" || len(v.keys) == 0 || isReference(stored) {
		return true
	}
	return strings.HasPrefix(stored, sealedPrefix+v.keys[0].id+":")
}

// resolve gives the secret that is to be used: opened, and looked up where it is a reference. prefixes are what a secret of the field
// begins with: what is in an environment or a file and begins otherwise is refused, since Stripe's answers repeat parts of a wrong key.
// No error shows a part of a secret.
func (v *Vault) resolve(field, stored string, prefixes []string) (string, error) {
	text, err := v.open(field, stored)
	if err != nil || !isReference(text) {
		return text, err
	}
	secret, err := v.lookUp(text)
	if err != nil {
		return "", err
	}
	for _, p := range prefixes {
		if strings.HasPrefix(secret, p) && !strings.ContainsAny(secret, " \t\r\n") {
			return secret, nil
		}
	}
	return "", fmt.Errorf("%s holds nothing that begins with %s", text, strings.Join(prefixes, " or "))
}

func (v *Vault) lookUp(reference string) (string, error) {
	if name, ok := strings.CutPrefix(reference, envPrefix); ok {
		secret := os.Getenv(name)
		if secret == "" {
			return "", fmt.Errorf("the environment variable %s is not set on the server", name)
		}
		return strings.TrimSpace(secret), nil
	}
	path := strings.TrimPrefix(reference, filePrefix)
	inside, err := v.inside(path)
	if err != nil {
		return "", err
	}
	content, err := v.readFile(inside)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s on the server", path)
	case err != nil:
		return "", fmt.Errorf("the file %s cannot be read on the server", path)
	}
	return strings.TrimSpace(content), nil
}

// maxSecretFile bounds what is read of a file: a key is a line.
const maxSecretFile = 4096

// readFile reads a file of the vault's directory; links that lead out of it are not followed.
func (v *Vault) readFile(inside string) (string, error) {
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	file, err := root.Open(inside)
	if err != nil {
		return "", err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxSecretFile))
	return string(content), err
}

// inside is the path relative to the vault's directory.
func (v *Vault) inside(path string) (string, error) {
	if v.dir == "" {
		return "", errors.New("the server has no directory of secrets (secrets_path in its configuration)")
	}
	relative, err := filepath.Rel(v.dir, filepath.Clean(path))
	if err != nil || !filepath.IsAbs(path) || !filepath.IsLocal(relative) || relative == "." {
		return "", fmt.Errorf("the file must be in the directory %s", v.dir)
	}
	return relative, nil
}

// isReference tells a reference from a secret.
func isReference(text string) bool {
	return strings.HasPrefix(text, envPrefix) || strings.HasPrefix(text, filePrefix)
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// check refuses a reference that can never be looked up. That what it names is not there yet is no error: another server may have it.
func (v *Vault) check(reference string) error {
	if name, ok := strings.CutPrefix(reference, envPrefix); ok {
		if !envName.MatchString(name) {
			return errors.New("after \"env:\" comes the name of an environment variable: letters, digits and underscores")
		}
		return nil
	}
	_, err := v.inside(strings.TrimPrefix(reference, filePrefix))
	return err
}
