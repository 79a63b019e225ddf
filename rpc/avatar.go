package rpc

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/domain"
)

// serveAvatar serves a picture under the address that avatar_url fields have,
// as a square of the size that the parameter s wants (64 by default).
// It is public, as its name cannot be guessed. Only pictures that browsers
// show and never run are served: users choose them.
func (s *Server) serveAvatar(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.Atoi(cmp.Or(r.URL.Query().Get("s"), "64"))
	if err != nil || size <= 0 {
		http.Error(w, "s must be a size in pixels", http.StatusBadRequest)
		return
	}
	name, err := base64.URLEncoding.DecodeString(r.PathValue("database"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	image, err := s.avatar(r, string(name))
	if err != nil && !models.IsKind(err, models.KindNotFound) {
		s.config.Log.ErrorContext(r.Context(), "avatar", "database", string(name), "error", err)
	}
	kind := http.DetectContentType(image)
	if len(image) == 0 || !strings.HasPrefix(kind, "image/") || strings.Contains(kind, "svg") {
		http.NotFound(w, r)
		return
	}
	image, err = s.scaled(r.Context(), image, min(size, largestAvatar))
	if err != nil {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryOverloaded.Seconds())))
		http.Error(w, "Too many pictures are asked for. Try again later.", http.StatusServiceUnavailable)
		return
	}
	kind = http.DetectContentType(image)
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(image)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "max-age=43200, public")
	w.Write(image)
}

// scaled is square, for a few at once. The error is guard.ErrFull, or that of the context.
func (s *Server) scaled(ctx context.Context, picture []byte, side int) ([]byte, error) {
	leave, err := s.drawing.Take(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer leave()
	return square(picture, side), nil
}

func (s *Server) avatar(r *http.Request, database string) (image []byte, err error) {
	db, err := s.config.Databases.Get(r.Context(), database)
	if err != nil {
		return nil, err
	}
	err = db.Transact(r.Context(), models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		avatars := tx.Lookup("ir.avatar")
		if avatars == nil {
			return nil
		}
		found := avatars.SearchRecords(tx, domain.C("uuid", domain.Equal, r.PathValue("uuid")), models.Limit(1))
		if len(found) > 0 {
			image, _ = found[0].Get("image").([]byte)
		}
		return nil
	})
	return image, err
}
