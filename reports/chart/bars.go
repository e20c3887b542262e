package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Row is one horizontal bar: a step of a funnel, a partner, an arm. Text stands at its end, Tip is
// shown on hover and names the row in full. Lo and Hi, if both are known, draw a whisker.
type Row struct {
	Name   string
	Value  *float64
	Lo, Hi *float64
	Text   string
	Tip    string
	Tone   Tone
}

// Bars are horizontal bars, the first on top.
type Bars struct {
	ID, Label string
	Rows      []Row
	Format    Format
	Currency  string
	Decimals  int
	// Track draws the full length behind each bar, for funnels, where the first bar is the whole.
	Track bool
	// Line, if given, marks a value with a text: a target, break-even.
	Line     *float64
	LineText string
}

// Option builds the chart.
func (b Bars) Option() (Option, error) {
	names := make([]string, len(b.Rows))
	data := make([]node, len(b.Rows))
	var whiskers, plain []node
	var low, high float64
	for i, r := range b.Rows {
		names[i] = Shorten(r.Name, 24)
		data[i] = node{"value": gap(r.Value), "text": r.Text, "tip": r.Tip, "itemStyle": node{"@color": tone(r.Tone)}}
		if r.Value != nil && *r.Value < 0 {
			data[i]["label"] = node{"position": "left"}
			low = min(low, *r.Value)
		} else if r.Value != nil {
			high = max(high, *r.Value)
		}
		if r.Lo != nil && r.Hi != nil {
			whiskers = append(whiskers, node{"value": []any{*r.Lo, *r.Hi, i}, "tip": r.Tip, "text": r.Text})
			low, high = min(low, *r.Lo), max(high, *r.Hi)
		} else if r.Text != "" {
			plain = append(plain, node{"value": []any{"-", "-", i}, "tip": r.Tip, "text": r.Text})
		}
	}
	if len(whiskers) > 0 {
		whiskers = append(whiskers, plain...) // the texts of all rows stand in one column
	}
	c := charts.NewBar()
	c.SetGlobalOptions(base(b.ID, opts.XAxis{Type: "value"}, opts.YAxis{Type: "category", Data: names})...)
	c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartBar, Data: data})
	if len(whiskers) > 0 {
		c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartCustom, Data: whiskers})
	}
	return finish(b.ID, b.Label, 56+34*len(b.Rows), meta{b.Currency, b.Decimals}, c, func(opt node) {
		b.refine(opt, len(whiskers) > 0, low, high)
	})
}

func (b Bars) refine(opt node, whiskers bool, low, high float64) {
	negative := low < 0
	x, y := axis(opt, "xAxis"), axis(opt, "yAxis")
	style(x, b.Format)
	style(y, "")
	y["inverse"] = true
	y["axisLabel"].(node)["@color"] = "text"
	y["axisLabel"].(node)["interval"] = 0
	x["splitNumber"] = 4
	x["axisLabel"].(node)["showMinLabel"] = !negative
	right := 132
	if negative {
		y["axisLabel"].(node)["margin"] = 12
		y["axisLine"] = node{"show": false, "onZero": false}
	}
	if b.Track {
		x["show"] = false
		x["max"] = high
		if high <= low {
			x["max"] = low + 1 // nothing but zeros: an axis without a width cannot be drawn
		}
	}
	if negative {
		x["min"] = low - (high-low)*0.12 // room for the texts of bars to the left
	}
	top := 8
	if b.Line != nil {
		top = 28
	}
	y["axisLabel"].(node)["@narrow"] = node{"width": 108, "overflow": "truncate"}
	narrow := 64
	switch {
	case b.Track:
		narrow = 108
	case whiskers:
		narrow = 16
	}
	opt["grid"] = node{"left": 4, "right": right, "top": top, "bottom": 8, "containLabel": true, "@narrow": node{"right": narrow}}
	series := opt["series"].([]any)
	bar := series[0].(node)
	bar["barMaxWidth"] = 18
	bar["label"] = node{"show": true, "position": "right", "@formatter": "text", "@color": "text", "fontSize": 12, "lineHeight": 15, "distance": 8}
	if b.Track {
		bar["showBackground"] = true
		bar["backgroundStyle"] = node{"@color": "track"}
		bar["label"].(node)["distance"] = 10
	}
	if whiskers {
		w := series[1].(node)
		w["texts"] = b.Track // a funnel is read by its numbers: they stand on narrow screens too
		w["@renderItem"] = "whisker"
		w["encode"] = node{"x": []int{0, 1}, "y": 2}
		w["z"] = 5
		bar["label"].(node)["show"] = false // texts stand clear of the whiskers, drawn with them
	}
	bar["markLine"] = b.marks(negative)
}

// marks draws the zero line where bars go both ways, and the caller's line.
func (b Bars) marks(negative bool) node {
	var lines []node
	if negative {
		lines = append(lines, node{"xAxis": 0, "label": node{"show": false}, "lineStyle": node{"@color": "muted", "type": "solid", "width": 1}})
	}
	if b.Line != nil {
		lines = append(lines, node{
			"xAxis": *b.Line, "text": b.LineText,
			"label":     node{"show": true, "@formatter": "text", "@color": "muted", "position": "start", "fontSize": 12},
			"lineStyle": node{"@color": "text", "type": "dashed", "width": 1},
		})
	}
	return node{"silent": true, "symbol": "none", "data": lines}
}

// tone returns the name of a tone, neutral accent by default.
func tone(t Tone) string {
	if t == "" {
		return string(Accent)
	}
	return string(t)
}
