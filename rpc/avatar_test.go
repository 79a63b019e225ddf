package rpc_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/res"
)

// testAvatar asks for the picture that a user chose, in sizes.
func testAvatar(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	var chosen bytes.Buffer
	if err := png.Encode(&chosen, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	address := ""
	modelstest.Do(t, db, func(tx *models.Tx) {
		u := res.User.Search(tx, res.User.Login.Eq("admin"))
		models.Must(res.User.Write(tx, u, models.Assign{Field: "avatar", Value: chosen.Bytes()}))
		address = res.User.AvatarURL.Of(res.User.Get(tx, u[0].ID()))
		address = "/avatar/dGVzdA==" + address[strings.LastIndexByte(address, '/'):] // as the bench calls its database
	})
	for query, side := range map[string]int{"": 64, "?s=32": 32, "?s=100&x=1": 100, "?s=99999": 2048} {
		status, header, body := b.request("GET", address+query, nil, nil)
		picture, kind, err := image.Decode(strings.NewReader(body))
		if status != 200 || err != nil || kind != "png" || header.Get("Content-Type") != "image/png" || picture.Bounds().Dx() != side || picture.Bounds().Dy() != side {
			t.Errorf("%q: status %d, %v, %s %s", query, status, err, kind, header.Get("Content-Type"))
		}
	}
}
