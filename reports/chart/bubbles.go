package chart

import (
	"fmt"
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Bubble is one partner of the map: what a customer costs, what one brings, how many there are.
type Bubble struct {
	Name string
	X, Y float64
	Size float64
	Tip  string
	Tone Tone
	// Labelled bubbles carry their name; the drawing hides names that would overlap.
	Labelled bool
}

// Bubbles is a map of partners: X on a log scale, area in proportion to Size. Slopes are lines
// y = slope × x, such as break-even at 1.
type Bubbles struct {
	ID, Label    string
	Bubbles      []Bubble
	XName, YName string
	Currency     string
	Decimals     int
	Slopes       []Slope
}

// Slope is a line y = Times × x with its name.
type Slope struct {
	Times float64
	Text  string
}

// Option builds the chart. Bubbles whose X is not positive have no place on a log scale: leaving
// them out is the caller's decision, giving one is an error.
func (b Bubbles) Option() (Option, error) {
	xlo, xhi, yhi, big := math.Inf(1), 0.0, 0.0, 0.0
	for _, p := range b.Bubbles {
		xlo, xhi, yhi, big = min(xlo, p.X), max(xhi, p.X), max(yhi, p.Y), max(big, p.Size)
	}
	if len(b.Bubbles) == 0 {
		xlo, xhi, yhi = 1, 10, 1
	}
	if xlo <= 0 {
		return Option{}, fmt.Errorf("chart %s: a value of zero or less has no place on a log scale", b.ID)
	}
	// The axis is linear in the logarithm, because the drawing library writes powers of ten only:
	// ticks at doublings of a round number can be read.
	step := math.Log10(2)
	start := math.Log10(nice(xlo / 1.3))
	ticks := math.Ceil((math.Log10(xhi*1.15) - start) / step)
	if ticks > 10 {
		step *= math.Ceil(ticks / 10)
		ticks = math.Ceil((math.Log10(xhi*1.15) - start) / step)
	}
	end := start + ticks*step
	if yhi *= 1.12; yhi <= 0 {
		yhi = 1
	}
	data := make([]node, len(b.Bubbles))
	for i, p := range b.Bubbles {
		d := node{
			"value": []any{math.Log10(p.X), p.Y}, "tip": p.Tip, "symbolSize": diameter(p.Size, big),
			"itemStyle": node{"@color": tone(p.Tone), "opacity": 0.72, "@borderColor": "bg", "borderWidth": 1},
		}
		if p.Labelled {
			d["text"] = Shorten(p.Name, 18)
		}
		data[i] = d
	}
	c := charts.NewScatter()
	c.SetGlobalOptions(base(b.ID, opts.XAxis{Type: "value", Min: start, Max: end}, opts.YAxis{Type: "value"})...)
	c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartScatter, Data: data})
	return finish(b.ID, b.Label, 440, meta{b.Currency, b.Decimals}, c, func(opt node) {
		x, y := axis(opt, "xAxis"), axis(opt, "yAxis")
		style(x, logMoney)
		x["interval"] = step
		style(y, Money)
		x["name"], x["nameLocation"], x["nameGap"] = b.XName, "middle", 32
		y["name"], y["nameLocation"], y["nameTextStyle"] = b.YName, "end", node{"@color": "muted", "fontSize": 12, "align": "left"}
		y["splitNumber"] = 4
		opt["grid"] = node{"left": 4, "right": 84, "top": 36, "bottom": 30, "containLabel": true, "@narrow": node{"right": 64}}
		s := opt["series"].([]any)[0].(node)
		s["label"] = node{"show": true, "@formatter": "text", "position": "top", "@color": "text", "fontSize": 12, "lineHeight": 15, "opacity": 1}
		s["labelLayout"] = node{"hideOverlap": true}
		s["z"] = 3
		opt["series"] = append(b.slopes(math.Pow(10, start), math.Pow(10, end), yhi), s)
	})
}

// slopes draws each line by points that are even on the log scale, ended at the top of the picture.
func (b Bubbles) slopes(xlo, xhi, yhi float64) []any {
	var out []any
	for _, s := range b.Slopes {
		var data []node
		end := min(xhi, yhi/s.Times)
		const steps = 48
		for i := 0; i <= steps && end > xlo; i++ {
			x := xlo * math.Pow(end/xlo, float64(i)/steps)
			data = append(data, node{"value": []any{math.Log10(x), x * s.Times}})
		}
		if len(data) == 0 {
			continue
		}
		data[len(data)-1]["text"] = s.Text
		out = append(out, node{
			"type": "line", "data": data, "symbol": "none", "silent": true, "z": 1, "showSymbol": false,
			"lineStyle": node{"@color": "muted", "type": "dashed", "width": 1}, "tooltip": node{"show": false},
			"endLabel": node{"show": true, "@formatter": "text", "@color": "muted", "fontSize": 11, "lineHeight": 14},
		})
	}
	return out
}

// diameter gives the largest bubble 56 px and the others the area in proportion, never under 8 px.
func diameter(size, big float64) float64 {
	if big <= 0 || size <= 0 {
		return 8
	}
	return math.Round(max(8, 56*math.Sqrt(size/big)))
}

// nice returns the largest of 1, 2, 5 times a power of ten that is not above x.
func nice(x float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(x)))
	switch m := x / p; {
	case m >= 5:
		return 5 * p
	case m >= 2:
		return 2 * p
	}
	return p
}
