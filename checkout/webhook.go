package checkout

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"paytond/models"
	"paytond/rpc/guard"
)

// maxEvent bounds an event, in bytes. Stripe's are some kilobytes; its objects have limits of their own.
const maxEvent = 1 << 20

// eventTime is how long an event may take to come in.
const eventTime = 10 * time.Second

// retryAfter is when to come again after we could not.
const retryAfter = 30 * time.Second

// serveWebhook takes an event of Stripe. The same is done, in the same order,
// whatever identifier it comes with, so that time does not tell which exist.
func (h *handler) serveWebhook(w http.ResponseWriter, r *http.Request) {
	if delay := h.webhooks.wait(guard.Site(h.Proxies.Client(r)), h.Now()); delay > 0 {
		refuse(w, http.StatusTooManyRequests, "too many requests", delay)
		return
	}
	// Stripe sends an event in one go. Who takes longer keeps a place from others.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(eventTime)) // without one, that of the whole request holds
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
	if err != nil {
		status := http.StatusBadRequest
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		refuse(w, status, "the event cannot be read", 0)
		return
	}
	err = h.takeEvent(r, payload)
	h.logFault(r, "an event of Stripe could not be taken", err)
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case models.IsKind(err, models.KindNotFound):
		refuse(w, http.StatusNotFound, "there is no such webhook", 0)
	case models.IsKind(err, models.KindBadRequest):
		refuse(w, http.StatusBadRequest, "this is no event that Stripe signed for this webhook", 0)
	case models.ErrorKind(err) == models.KindUnavailable: // of the database, too
		refuse(w, http.StatusServiceUnavailable, "not available at the moment", retryAfter)
	default:
		refuse(w, http.StatusInternalServerError, "the event could not be applied", 0)
	}
}

func (h *handler) takeEvent(r *http.Request, payload []byte) error {
	identifier := r.PathValue("identifier")
	if !plainName.MatchString(identifier) {
		return notFound()
	}
	db, err := h.database(r)
	if err != nil {
		return err
	}
	ctx, cancel := workContext(r)
	defer cancel()
	return h.Engine.ApplyEvent(ctx, db, identifier, payload, r.Header.Get("Stripe-Signature"))
}

// refuse answers with a line of text; after is when to come again, if ever.
func refuse(w http.ResponseWriter, status int, text string, after time.Duration) {
	setRetryAfter(w, after)
	http.Error(w, text, status)
}

// setRetryAfter rounds up to whole seconds.
func setRetryAfter(w http.ResponseWriter, after time.Duration) {
	if after > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((after+time.Second-1)/time.Second), 10))
	}
}
