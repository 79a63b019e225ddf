package value

import (
	"fmt"
	"strconv"
	"strings"
)

// NoID is the id of a reference that names a model but no record.
const NoID = -1

// Reference points to a record of any model. The zero value points nowhere.
type Reference struct {
	Model string
	ID    int64 // NoID for the model alone
}

// ParseReference reads "model,id". The id may be -1 or left out ("model,"): both mean the model alone.
func ParseReference(text string) (Reference, error) {
	model, id, found := strings.Cut(text, ",")
	if !found || model == "" || strings.ContainsAny(model, " \t\n%") {
		return Reference{}, fmt.Errorf("%q is not a reference", shorten(text))
	}
	if id == "" {
		return Reference{model, NoID}, nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < NoID || strconv.FormatInt(n, 10) != id {
		return Reference{}, fmt.Errorf("%q is not a reference", shorten(text))
	}
	return Reference{model, n}, nil
}

// IsZero tells whether r points nowhere.
func (r Reference) IsZero() bool { return r.Model == "" }

// String is "model,id", or "" for the zero value.
func (r Reference) String() string {
	if r.IsZero() {
		return ""
	}
	return r.Model + "," + strconv.FormatInt(r.ID, 10)
}
