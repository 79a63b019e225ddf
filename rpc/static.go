package rpc

import (
	"fmt"
	"net/http"
	"path"
)

// saoPolicy lets the web client load its own files and talk to this server only.
// Its page has scripts and styles in it, and it shows pictures and reports that
// it was sent as blobs.
const saoPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self' blob: data:; " +
	"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"

// serveFile serves the web client. Where there is none, a GET has no business
// here.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	if s.config.Root == "" {
		w.Header().Set("Allow", "OPTIONS, POST")
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := path.Clean("/" + r.URL.Path)
	if name == "/" {
		name = "/index.html"
	}
	file, err := http.Dir(s.config.Root).Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "max-age=43200, public")
	h.Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", saoPolicy)
	http.ServeContent(w, r, name, info.ModTime(), file)
}
