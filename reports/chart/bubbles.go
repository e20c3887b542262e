package chart

import (
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
// them out is the caller's decision, giving one is an error of encoding (minus infinity).
func (b Bubbles) Option() (Option, error) {
	xlo, xhi, yhi, big := math.Inf(1), 0.0, 0.0, 0.0
	for _, p := range b.Bubbles {
		xlo, xhi, yhi, big = min(xlo, p.X), max(xhi, p.X), max(yhi, p.Y), max(big, p.Size)
	}
	if len(b.Bubbles) == 0 {
		xlo, xhi, yhi = 1, 10, 1
	}
	xlo, xhi, yhi = nice(xlo/1.4), nice(xhi*1.4), yhi*1.15
	if yhi <= 0 {
		yhi = 1
	}
	data := make([]node, len(b.Bubbles))
	for i, p := range b.Bubbles {
		d := node{"value": []any{p.X, p.Y}, "tip": p.Tip, "symbolSize": diameter(p.Size, big),
			"itemStyle": node{"@color": tone(p.Tone), "opacity": 0.72, "@borderColor": "bg", "borderWidth": 1}}
		if math.Log(p.X) != math.Log(p.X) || p.X <= 0 {
			d["value"] = []any{math.Log(p.X), p.Y}
		}
		if p.Labelled {
			d["text"] = Shorten(p.Name, 18)
		}
		data[i] = d
	}
	c := charts.NewScatter()
	c.SetGlobalOptions(base(b.ID, opts.XAxis{Type: "log", Min: xlo, Max: xhi}, opts.YAxis{Type: "value", Max: yhi})...)
	c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartScatter, Data: data})
	return finish(b.ID, b.Label, 440, meta{b.Currency, b.Decimals}, c, func(opt node) {
		x, y := axis(opt, "xAxis"), axis(opt, "yAxis")
		style(x, Money)
		style(y, Money)
		x["name"], x["nameLocation"], x["nameGap"] = b.XName, "middle", 32
		y["name"], y["nameLocation"], y["nameTextStyle"] = b.YName, "end", node{"@color": "muted", "fontSize": 12, "align": "left"}
		y["splitNumber"] = 4
		opt["grid"] = node{"left": 4, "right": 28, "top": 36, "bottom": 30, "containLabel": true}
		s := opt["series"].([]any)[0].(node)
		s["label"] = node{"show": true, "@formatter": "text", "position": "top", "@color": "text", "fontSize": 12}
		s["labelLayout"] = node{"hideOverlap": true}
		s["z"] = 3
		opt["series"] = append(b.slopes(xlo, xhi, yhi), s)
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
			data = append(data, node{"value": []any{x, x * s.Times}})
		}
		if len(data) == 0 {
			continue
		}
		data[len(data)-1]["text"] = s.Text
		data[len(data)-1]["label"] = node{"show": true, "position": "top", "@formatter": "text", "@color": "muted", "fontSize": 11}
		out = append(out, node{"type": "line", "data": data, "symbol": "none", "silent": true, "z": 1, "showSymbol": false,
			"lineStyle": node{"@color": "muted", "type": "dashed", "width": 1}, "tooltip": node{"show": false},
			"endLabel": node{"show": true, "@formatter": "text", "@color": "muted", "fontSize": 11}})
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

// nice rounds to one or two significant digits, so that the ends of a log axis are round numbers.
func nice(x float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(x))-1)
	return math.Round(x/p) * p
}
