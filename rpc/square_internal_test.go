package rpc

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// striped is a picture that is red in its middle third, and blue beside it.
func striped(wide, high int) image.Image {
	picture := image.NewPaletted(image.Rect(0, 0, wide, high), color.Palette{color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255}})
	for x := range wide {
		for y := range high {
			if x < wide/3 || x >= wide-wide/3 {
				picture.Set(x, y, color.NRGBA{B: 255, A: 255})
			}
		}
	}
	return picture
}

func TestSquare(t *testing.T) {
	encoded := func(kind string, picture image.Image) []byte {
		var b bytes.Buffer
		var err error
		switch kind {
		case "png":
			err = png.Encode(&b, picture)
		case "jpeg":
			err = jpeg.Encode(&b, picture, nil)
		case "gif":
			err = gif.Encode(&b, picture, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for kind, want := range map[string]string{"png": "png", "gif": "png", "jpeg": "jpeg"} {
		for _, side := range []int{1, 32, 200} {
			got, format, err := image.Decode(bytes.NewReader(square(encoded(kind, striped(90, 30)), side)))
			if err != nil || format != want || got.Bounds().Dx() != side || got.Bounds().Dy() != side {
				t.Fatalf("%s of %d: %s, %v", kind, side, format, err)
			}
			for _, x := range []int{side / 4, side / 2, side * 3 / 4} { // the middle is kept, as wide as the picture is high
				if r, _, b, _ := got.At(x, side/2).RGBA(); r < 0xe000 || b > 0x2000 {
					t.Errorf("%s of %d: at %d there is %x %x", kind, side, x, r, b)
				}
			}
		}
	}
	for name, odd := range map[string][]byte{"no picture": []byte("GIF89a"), "cut": encoded("png", striped(90, 30))[:60], "large": encoded("gif", image.NewPaletted(image.Rect(0, 0, 9000, 9000), color.Palette{color.Black}))} {
		if got := square(odd, 32); !bytes.Equal(got, odd) {
			t.Errorf("%s is changed", name)
		}
	}
}
