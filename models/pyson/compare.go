package pyson

import (
	"time"

	"paytond/models/value"
)

// Truthy tells whether a value counts as true: all but null, false, zero and what is empty.
func Truthy(v any) bool {
	switch v := value.Plain(v).(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	case []byte:
		return len(v) > 0
	case time.Duration:
		return v != 0
	default:
		n, ok := value.Number(v)
		return !ok || !n.IsZero()
	}
}
