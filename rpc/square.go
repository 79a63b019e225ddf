package rpc

import (
	"bytes"
	"image"
	_ "image/gif" // what users choose as their picture
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

const (
	largestAvatar = 2048    // pixels of a side, as the peer has it
	mostPixels    = 1 << 24 // of a picture that is scaled: what unpacks to more stays as it is
)

// square is the middle of a picture, scaled to a square with sides of so many
// pixels. A picture that cannot be read stays as it is, and so does one that is
// too large to be unpacked for anybody who asks.
func square(picture []byte, side int) []byte {
	config, kind, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || config.Width <= 0 || config.Height <= 0 || config.Width > mostPixels/config.Height {
		return picture
	}
	full, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return picture
	}
	bounds := full.Bounds()
	edge := min(bounds.Dx(), bounds.Dy())
	corner := bounds.Min.Add(image.Pt((bounds.Dx()-edge)/2, (bounds.Dy()-edge)/2))
	scaled := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.ApproxBiLinear.Scale(scaled, scaled.Bounds(), full, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(edge, edge))}, draw.Src, nil)
	var b bytes.Buffer
	if kind == "jpeg" {
		err = jpeg.Encode(&b, scaled, &jpeg.Options{Quality: 90})
	} else {
		err = png.Encode(&b, scaled) // which keeps what is transparent
	}
	if err != nil {
		return picture
	}
	return b.Bytes()
}
