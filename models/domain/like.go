package domain

import "unicode"

// like tells whether text matches a pattern of LIKE whole: % stands for any characters, _ for one,
// and \ makes the next one stand for itself. fold makes upper and lower case the same.
// The time is bounded by the product of both lengths.
func like(text, pattern string, fold bool) bool {
	t, p := []rune(text), compile(pattern)
	ti, pi := 0, 0
	star, resume := -1, 0 // the last % and where in the text it has got to
	for ti < len(t) {
		switch {
		case pi < len(p) && p[pi].any:
			star, resume = pi, ti
			pi++
		case pi < len(p) && p[pi].fits(t[ti], fold):
			ti++
			pi++
		case star >= 0:
			resume++
			ti, pi = resume, star+1
		default:
			return false
		}
	}
	for pi < len(p) && p[pi].any {
		pi++
	}
	return pi == len(p)
}

// token is a part of a pattern: any characters, one character, or the character r.
type token struct {
	any, one bool
	r        rune
}

func (t token) fits(r rune, fold bool) bool {
	return t.one || t.r == r || fold && foldRune(t.r) == foldRune(r)
}

func compile(pattern string) []token {
	var tokens []token
	escaped := false
	for _, r := range pattern {
		switch {
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && r == '%':
			tokens = append(tokens, token{any: true})
		case !escaped && r == '_':
			tokens = append(tokens, token{one: true})
		default:
			tokens = append(tokens, token{r: r})
		}
		escaped = false
	}
	if escaped {
		tokens = append(tokens, token{r: '\\'})
	}
	return tokens
}

// foldRune is the same for all forms of a letter: the least of them.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}
