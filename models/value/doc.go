// Package value holds the values that travel between client, record and column, and their JSON form.
//
// A value is one of
//
//	nil, bool, int64, float64, string, []byte
//	Decimal, Date, TimeOfDay, time.Time (a datetime, UTC), time.Duration (a timedelta)
//	Reference (written as its text, so it is read back as a string)
//	[]any, map[string]any (lists and objects of values)
//
// Append writes any of them, Decode reads them. The types that JSON lacks are objects with a
// "__class__" key. Classes that this package does not know, those of PYSON among them, stay maps.
//
// Decimal is exact: no operation of it passes through a float.
package value
