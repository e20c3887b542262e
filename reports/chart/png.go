package chart

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Picture is a small column chart for e-mail, where scripts and SVG do not work. It has a background
// of its own, so that it reads on light and dark screens. The last column is the one the e-mail is
// about and stands out. Unknown values leave a gap.
type Picture struct {
	Values []*float64
	Ticks  []string // one for each value; empty ones are not written
	Format func(float64) string
}

// The size of a picture in CSS pixels; it is drawn at twice as many.
const pictureWidth, pictureHeight = 552, 168

// flat is the height below which an axis counts as having none: the smallest amount or count that is
// ever drawn, a millionth, is far above it.
const flat = 1e-9

// ErrNoValues says that there is nothing to draw.
var ErrNoValues = errors.New("nothing to draw")

// PNG draws the picture. Equal pictures give equal bytes. The error wraps ErrNoValues when no value
// is known; a value that is not finite is an error too.
func (p Picture) PNG() ([]byte, error) {
	var known int
	for i, v := range p.Values {
		if v == nil {
			continue
		}
		if !(math.Abs(*v) <= math.MaxFloat64/4) { // the height of the axis must be a number too
			return nil, fmt.Errorf("picture: value %d is not a number that can be drawn", i+1)
		}
		known++
	}
	if known == 0 {
		return nil, fmt.Errorf("picture: %w", ErrNoValues)
	}
	pl := plot.New()
	pl.BackgroundColor = color.White
	grey := color.RGBA{0x5b, 0x63, 0x6d, 0xff}
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color = color.RGBA{0xe4, 0xe7, 0xeb, 0xff}
	grid.Horizontal.Width = vg.Points(0.6)
	pl.Add(grid)
	for i, v := range p.Values {
		if v == nil {
			continue
		}
		bar, err := plotter.NewBarChart(plotter.Values{*v}, vg.Points(13))
		if err != nil {
			return nil, fmt.Errorf("picture: %w", err)
		}
		bar.XMin = float64(i)
		bar.LineStyle.Width = 0
		bar.Color = color.RGBA{0x9f, 0xc4, 0xe0, 0xff}
		if i == len(p.Values)-1 {
			bar.Color = color.RGBA{0x0b, 0x63, 0xa5, 0xff}
		}
		pl.Add(bar)
	}
	p.axes(pl, grey)
	// 72 points are an inch; twice the points per CSS pixel keeps the text sharp on dense screens.
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Points(pictureWidth*0.75), vg.Points(pictureHeight*0.75)), vgimg.UseDPI(192))
	pl.Draw(draw.New(canvas))
	var buf bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&buf); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return buf.Bytes(), nil
}

// axes sets quiet axes: no lines, a light grid, values by the caller's format.
func (p Picture) axes(pl *plot.Plot, grey color.Color) {
	pl.X.Min, pl.X.Max = -0.6, float64(len(p.Values))-0.4
	pl.Y.Min = min(0, pl.Y.Min)
	if pl.Y.Max-pl.Y.Min < flat {
		pl.Y.Max = pl.Y.Min + 1 // all columns are 0: an axis needs a height to have ticks
	}
	for _, a := range []*plot.Axis{&pl.X, &pl.Y} {
		a.LineStyle.Width = 0
		a.Tick.LineStyle.Width = 0
		a.Tick.Label.Color = grey
		a.Tick.Label.Font.Typeface = "Liberation"
		a.Tick.Label.Font.Variant = "Sans"
		a.Tick.Label.Font.Size = vg.Points(8)
		a.Tick.Length = vg.Points(3)
		a.Padding = vg.Points(2)
	}
	var xs []plot.Tick
	for i, t := range p.Ticks {
		xs = append(xs, plot.Tick{Value: float64(i), Label: t})
	}
	pl.X.Tick.Marker = plot.ConstantTicks(xs)
	var ys []plot.Tick
	for _, t := range (plot.DefaultTicks{}).Ticks(pl.Y.Min, pl.Y.Max) {
		if t.IsMinor() {
			continue
		}
		if p.Format != nil {
			t.Label = p.Format(t.Value)
		}
		ys = append(ys, t)
	}
	pl.Y.Tick.Marker = plot.ConstantTicks(ys)
}
