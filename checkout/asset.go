package checkout

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed assets/*
var assetFiles embed.FS

// asset is a file of the page. Its version is part of its address, so that a
// browser may keep it for ever.
type asset struct {
	content []byte
	kind    string
	version string
}

// assetKinds are the media types of our files: those that the system knows differ from one to the next.
var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func loadAssets() map[string]asset {
	assets := map[string]asset{}
	names, err := fs.Glob(assetFiles, "assets/*")
	if err != nil {
		panic(err) // the pattern is right
	}
	for _, name := range names {
		content, err := assetFiles.ReadFile(name)
		if err != nil {
			panic(err) // it is in the program
		}
		sum := sha256.Sum256(content)
		assets[path.Base(name)] = asset{content, assetKinds[path.Ext(name)], hex.EncodeToString(sum[:6])}
	}
	return assets
}

// assetURL is the address of an asset, as seen from a page.
func (h *handler) assetURL(name string) string {
	return "../../static/" + name + "?v=" + h.assets[name].version
}

func (h *handler) serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := h.assets[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("ETag", `"`+a.version+`"`)
	w.Header().Set("Cache-Control", "public, no-cache")
	if r.URL.Query().Get("v") == a.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.content))
}
