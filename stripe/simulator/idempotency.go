package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"time"
)

// keyLasts is how long an idempotency key is remembered.
const keyLasts = 24 * time.Hour

// idempotencyMark is what is remembered of a key.
type idempotencyMark struct {
	Path      string    `json:"path"`
	Params    string    `json:"params"` // digest
	At        time.Time `json:"at"`
	RequestID string    `json:"request_id"`
	Answer    *answer   `json:"answer"` // nil while the first request is under way
}

// callOnce makes a call under its idempotency key: again with the same parameters brings the first answer, with others an error.
func (s *Simulator) callOnce(r *request, found route, raw []byte, fault Fault) result {
	mark, replay, e := s.claim(r, raw)
	switch {
	case e != nil:
		return result{answer: errorAnswer(e, nil)}
	case replay != nil:
		return fault.after(*replay)
	}
	if fault.Busy > 0 && !s.sleep(r.http, fault.Busy) {
		s.forget(r, mark)
		return result{abort: true}
	}
	out, executed := s.execute(r, found, fault)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !executed {
		delete(r.account.IdempotencyKeys, r.idempotencyKey)
		return fault.after(out)
	}
	stored := out
	mark.Answer, s.dirty = &stored, true
	return fault.after(out)
}

// claim takes the key, or finds what became of the request that took it before.
func (s *Simulator) claim(r *request, raw []byte) (mark *idempotencyMark, replay *answer, e *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := sha256.Sum256(raw)
	digest := hex.EncodeToString(sum[:])
	known := r.account.IdempotencyKeys[r.idempotencyKey]
	if known != nil && s.now().Sub(known.At) >= keyLasts {
		known = nil
	}
	switch {
	case known == nil:
		mark = &idempotencyMark{Path: r.path, Params: digest, At: s.now(), RequestID: r.requestID}
		r.account.IdempotencyKeys[r.idempotencyKey] = mark
		return mark, nil, nil
	case known.Path != r.path:
		return nil, nil, idempotencyError(fmt.Sprintf("Keys for idempotent requests can only be used for the same endpoint they were first used for ('%s' vs '%s'). Try using a key other than '%s' if you meant to execute a different request.", r.path, known.Path, r.idempotencyKey))
	case known.Params != digest:
		return nil, nil, idempotencyError(fmt.Sprintf("Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '%s' if you meant to execute a different request.", r.idempotencyKey))
	case known.Answer == nil:
		return nil, nil, &apiError{Status: http.StatusConflict, Type: "idempotency_error", Code: "idempotency_key_in_use", ShouldRetry: "true", unexecuted: true,
			Message: "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): " + r.idempotencyKey + ". Please contact us at support@stripe.com if you don't think that's the case."}
	}
	again := answer{Status: known.Answer.Status, Header: maps.Clone(known.Answer.Header), Body: known.Answer.Body}
	if again.Header == nil {
		again.Header = map[string]string{}
	}
	again.Header["Idempotent-Replayed"], again.Header["Original-Request"] = "true", known.RequestID
	return nil, &again, nil
}

func (s *Simulator) forget(r *request, mark *idempotencyMark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.account.IdempotencyKeys[r.idempotencyKey] == mark {
		delete(r.account.IdempotencyKeys, r.idempotencyKey)
	}
}

func idempotencyError(message string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Type: "idempotency_error", Message: message, unexecuted: true}
}
