package mocktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// specVersion is the version of stripe-mock whose OpenAPI description is nearest before the API version that the simulator speaks.
const specVersion = "v0.162.0"

// Description is Stripe's own description of its API: the calls, and the objects that they answer with.
type Description struct {
	schemas map[string]any
	paths   map[string]any
}

// description is read once in a process: it is some megabytes long.
var description = sync.OnceValues(func() (*Description, error) {
	file := os.Getenv("STRIPE_OPENAPI")
	if file == "" {
		if cache, err := exec.Command("go", "env", "GOMODCACHE").Output(); err == nil {
			file = filepath.Join(strings.TrimSpace(string(cache)), "github.com/stripe/stripe-mock@"+specVersion, "embedded/openapi/spec3.json")
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spec struct {
		Components struct{ Schemas map[string]any }
		Paths      map[string]any
	}
	err = json.Unmarshal(raw, &spec)
	return &Description{spec.Components.Schemas, spec.Paths}, err
})

// Describe gives Stripe's description of its API, from the file that STRIPE_OPENAPI names or from stripe-mock in the module cache; nil, and
// a word in the test's log, where there is none. Where CI is true that ends the test.
func Describe(t testing.TB) *Description {
	t.Helper()
	d, err := description()
	switch {
	case err == nil:
		return d
	case os.Getenv("CI") == "true":
		t.Fatalf("Stripe's OpenAPI description is missing: %v", err)
	default:
		t.Logf("Stripe's OpenAPI description is neither named by STRIPE_OPENAPI nor in the module cache: go mod download github.com/stripe/stripe-mock@%s", specVersion)
	}
	return nil
}

// Wrote gives what a simulator tells of all that it writes (its option Wrote), for a test: answers and events that do not fit Stripe's
// description fail the test when it ends. It is nil where there is no description.
func Wrote(t testing.TB) func(call string, status int, body []byte) {
	d := Describe(t)
	if d == nil {
		return nil
	}
	var mu sync.Mutex
	found := map[string]bool{}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, fault := range slices.Sorted(maps.Keys(found)) {
			t.Errorf("Stripe writes otherwise: %s", fault)
		}
	})
	return func(call string, status int, body []byte) {
		faults := d.Faults(call, status, body)
		mu.Lock()
		defer mu.Unlock()
		for _, fault := range faults {
			found[fault] = true
		}
	}
}

// Faults lists where the body of an answer does not fit the description. call is the method and the path, such as "GET /v1/charges/ch_1",
// or "event" for what is sent to webhooks.
func (d *Description) Faults(call string, status int, body []byte) []string {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil // what a fault on demand has broken
	}
	if call == "event" {
		return d.eventFaults(value)
	}
	method, path, _ := strings.Cut(call, " ")
	pattern, operation := d.operation(strings.ToLower(method), path)
	if operation == nil {
		if status == 404 { // as it ought to be
			return nil
		}
		return []string{call + " is no call of Stripe's"}
	}
	code := "200"
	if status != 200 {
		code = "default"
	}
	faults := d.faults(fmt.Sprintf("%s %s: %d", method, pattern, status), answerOf(operation, code), value)
	if list, ok := value.(map[string]any); ok && pattern == "/v1/events" && status == 200 {
		for _, one := range list["data"].([]any) {
			faults = append(faults, d.eventFaults(one)...)
		}
	}
	return faults
}

// eventFaults looks at an event, and at the object that it is about.
func (d *Description) eventFaults(value any) []string {
	event, ok := value.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("an event is a %T", value)}
	}
	at := fmt.Sprintf("event %v", event["type"])
	faults := d.faults(at, d.Schema("event"), value)
	data, _ := event["data"].(map[string]any)
	object, _ := data["object"].(map[string]any)
	kind, _ := object["object"].(string)
	schema := d.Schema(kind)
	if schema == nil {
		return append(faults, fmt.Sprintf("%s is about a %q", at, kind))
	}
	return append(faults, d.faults(at+" "+kind, schema, object)...)
}

// Schema is what is said of a kind of object, nil for one that Stripe does not know.
func (d *Description) Schema(kind string) map[string]any {
	schema, _ := d.schemas[kind].(map[string]any)
	return schema
}

// ObjectFaults lists where an object does not fit what is said of its kind.
func (d *Description) ObjectFaults(kind string, object map[string]any) []string {
	return d.faults(kind, d.Schema(kind), object)
}

// operation finds what is said of a call, and the pattern of its path. A word fits better than a place for an id.
func (d *Description) operation(method, path string) (pattern string, operation map[string]any) {
	parts, best := strings.Split(path, "/"), -1
	for candidate, methods := range d.paths {
		words := strings.Split(candidate, "/")
		found, ok := methods.(map[string]any)[method].(map[string]any)
		if len(words) != len(parts) || !ok {
			continue
		}
		same := 0
		for i, word := range words {
			switch {
			case word == parts[i]:
				same++
			case !strings.HasPrefix(word, "{"):
				same = -len(words)
			}
		}
		if same > best {
			best, pattern, operation = same, candidate, found
		}
	}
	return pattern, operation
}

// answerOf is the schema of an operation's answers with a code.
func answerOf(operation map[string]any, code string) map[string]any {
	v := any(operation)
	for _, name := range []string{"responses", code, "content", "application/json", "schema"} {
		inner, _ := v.(map[string]any)
		v = inner[name]
	}
	schema, _ := v.(map[string]any)
	return schema
}

// faults lists where a value does not fit its schema.
func (d *Description) faults(at string, schema map[string]any, value any) []string {
	if name, ok := schema["$ref"].(string); ok {
		return d.faults(at, d.Schema(strings.TrimPrefix(name, "#/components/schemas/")), value)
	}
	if value == nil {
		if schema["nullable"] == true {
			return nil
		}
		return []string{at + " is null"}
	}
	if choices, ok := schema["anyOf"].([]any); ok {
		return d.anyOf(at, choices, value)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		return []string{fmt.Sprintf("%s is %v, not one of %v", at, value, enum)}
	}
	return d.typeFaults(at, schema, value)
}

// anyOf gives the faults of the schema that fits best.
func (d *Description) anyOf(at string, choices []any, value any) []string {
	var best []string
	for i, one := range choices {
		found := d.faults(at, one.(map[string]any), value)
		if len(found) == 0 {
			return nil
		}
		if i == 0 || len(found) < len(best) {
			best = found
		}
	}
	return best
}

func (d *Description) typeFaults(at string, schema map[string]any, value any) []string {
	wrong := []string{fmt.Sprintf("%s is %T, not %v", at, value, schema["type"])}
	switch schema["type"] {
	case "string":
		if _, ok := value.(string); !ok {
			return wrong
		}
	case "integer":
		if n, ok := value.(float64); !ok || n != float64(int64(n)) {
			return wrong
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return wrong
		}
	case "array":
		list, ok := value.([]any)
		if !ok {
			return wrong
		}
		var out []string
		for _, one := range list {
			out = append(out, d.faults(at+"[]", schema["items"].(map[string]any), one)...)
		}
		return out
	case "object":
		return d.objectFaults(at, schema, value, wrong)
	}
	return nil
}

func (d *Description) objectFaults(at string, schema map[string]any, value any, wrong []string) []string {
	object, ok := value.(map[string]any)
	if !ok {
		return wrong
	}
	var out []string
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			out = append(out, fmt.Sprintf("%s.%s is missing", at, name))
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, one := range object {
		if inner, ok := properties[name].(map[string]any); ok {
			out = append(out, d.faults(at+"."+name, inner, one)...)
		}
	}
	return out
}
