package models

// weight is about how many bytes of an answer something makes, with all that it links to, as often as that is shown there.
type weight int64

const (
	// cellWeight is that of a small value with its name.
	cellWeight weight = 64
	// maxLoad bounds what one answer reads through links. Rows that are linked from many places are read once but shown
	// in each of them, so that a path back and forth multiplies with every step: a short call could ask for any amount.
	maxLoad weight = 256 << 20
)

// linkedRow is what was read of a record that others link to.
type linkedRow struct {
	row    map[string]any
	weight weight
}

func weigh(rows []map[string]any) []weight {
	weights := make([]weight, len(rows))
	for i, row := range rows {
		for _, v := range row {
			weights[i] += weightOf(v)
		}
	}
	return weights
}

func weightOf(v any) weight {
	switch v := v.(type) {
	case string:
		return cellWeight + weight(len(v))
	case []byte:
		return cellWeight + weight(len(v))
	case []int64:
		return cellWeight + weight(8*len(v))
	}
	return cellWeight
}

// load adds up what one answer is to hold, and refuses more than it may.
type load struct{ sum weight }

func (l *load) add(tx *Tx, w weight) error {
	if l.sum += w; l.sum > maxLoad {
		return BadRequest("The answer is too large: ask for less at a time.")
	}
	return tx.Ctx().Err()
}
