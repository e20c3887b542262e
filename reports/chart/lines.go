package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Point is one value of a line at a category of the x axis. Incomplete points (a period that is not
// over, windows still open) are drawn dashed on hatched ground; a nil value is a gap.
type Point struct {
	X          string
	Value      *float64
	Lo, Hi     *float64
	Incomplete bool
	Tip        string
	Text       string // over the column; lines do not show it
}

// Line is one series, with a band where its points have intervals.
type Line struct {
	Name   string
	Points []Point
	Tone   Tone // default: the series colours in order
	// Dashed marks a projection.
	Dashed bool
}

// Lines are values over time or age. All lines share the categories of the first.
type Lines struct {
	ID, Label string
	Lines     []Line
	Format    Format
	Currency  string
	Decimals  int
	XName     string
	Height    int     // default 280
	FromZero  bool    // the value axis starts at zero
	Max       float64 // where the value axis ends; 0: at the data. Bands are cut there.
	// At, if given, marks a value across all categories: a target.
	At     *float64
	AtText string
}

// Option builds the chart. Lines are named at their end; one line needs no name.
func (l Lines) Option() (Option, error) {
	var xs []string
	if len(l.Lines) > 0 {
		for _, p := range l.Lines[0].Points {
			xs = append(xs, p.X)
		}
	}
	c := charts.NewLine()
	c.SetGlobalOptions(base(l.ID, opts.XAxis{Type: "category", Data: xs}, opts.YAxis{Type: "value"})...)
	c.SetXAxis(xs)
	var series []node
	for i, ln := range l.Lines {
		t := ln.Tone
		if t == "" {
			t = seriesTones[i%len(seriesTones)]
			if len(l.Lines) == 1 {
				t = Accent
			}
		}
		series = append(series, ln.series(string(t), len(l.Lines) > 1)...)
	}
	for range series {
		c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartLine})
	}
	height := l.Height
	if height == 0 {
		height = 280
	}
	return finish(l.ID, l.Label, height, meta{l.Currency, l.Decimals}, c, func(opt node) { l.refine(opt, series) })
}

// series returns the parts of one line: its band, the solid complete part, the dashed incomplete
// part that starts where the solid one ends, and the points.
func (ln Line) series(tone string, named bool) []node {
	solid, dashed := make([]node, len(ln.Points)), make([]node, len(ln.Points))
	band := make([]node, len(ln.Points))
	banded, open := false, false
	last := -1
	for i, p := range ln.Points {
		solid[i], dashed[i] = node{"value": "-"}, node{"value": "-"}
		item := node{"value": gap(p.Value), "tip": p.Tip}
		next := i+1 < len(ln.Points) && ln.Points[i+1].Incomplete
		if p.Incomplete {
			dashed[i], open = item, true
		} else {
			solid[i] = item
			if next {
				dashed[i] = node{"value": gap(p.Value), "tip": p.Tip}
			}
		}
		band[i] = node{"value": []any{i, gap(p.Lo), gap(p.Hi)}}
		banded = banded || p.Lo != nil && p.Hi != nil
		if p.Value != nil {
			last = i
		}
	}
	if named && last >= 0 {
		end := solid[last]
		if ln.Points[last].Incomplete {
			end = dashed[last]
		}
		end["text"] = Shorten(ln.Name, 20)
		end["label"] = node{"show": true, "position": "right", "@formatter": "text", "@color": tone, "fontSize": 12, "lineHeight": 15, "distance": 8}
	}
	var out []node
	if banded {
		out = append(out, node{
			"type": "custom", "@renderItem": "band", "tone": tone, "data": band, "silent": true, "z": 1, "clip": true,
			"encode": node{"x": 0, "y": []int{1, 2}}, "tooltip": node{"show": false},
		})
	}
	line := func(data []node, style string) node {
		return node{
			"type": "line", "data": data, "symbol": "circle", "symbolSize": 5, "showAllSymbol": len(ln.Points) <= 40,
			"lineStyle": node{"@color": tone, "width": 2, "type": style}, "itemStyle": node{"@color": tone}, "z": 3,
			"labelLayout": node{"moveOverlap": "shiftY"},
		}
	}
	first := "solid"
	if ln.Dashed {
		first = "dashed"
	}
	out = append(out, line(solid, first))
	if open {
		d := line(dashed, "dashed")
		d["itemStyle"] = node{"@color": "bg", "@borderColor": tone, "borderWidth": 2}
		out = append(out, d)
	}
	return out
}

func (l Lines) refine(opt node, series []node) {
	x, y := axis(opt, "xAxis"), axis(opt, "yAxis")
	style(x, "")
	style(y, l.Format)
	x["boundaryGap"] = true
	x["axisLine"] = node{"show": true, "lineStyle": node{"@color": "grid"}}
	if l.XName != "" {
		x["name"], x["nameLocation"], x["nameGap"] = l.XName, "middle", 30
	}
	y["scale"] = !l.FromZero
	y["splitNumber"] = 4
	if l.Max > 0 {
		y["max"] = l.Max
	}
	right := 16
	if len(l.Lines) > 1 {
		right = 128
	}
	bottom := 8
	if l.XName != "" {
		bottom = 30
	}
	opt["grid"] = node{"left": 4, "right": right, "top": 20, "bottom": bottom, "containLabel": true, "@narrow": node{"right": min(right, 84)}}
	if areas := l.hatched(); len(areas) > 0 && len(series) > 0 {
		series[0]["markArea"] = node{
			"silent": true, "itemStyle": node{"@color": "track", "opacity": 0.6}, "data": areas,
			"label": node{"show": true, "@formatter": "text", "@color": "muted", "position": "insideTop", "fontSize": 11},
		}
	}
	if l.At != nil && len(series) > 0 {
		series[len(series)-1]["markLine"] = node{"silent": true, "symbol": "none", "data": []node{{
			"yAxis": *l.At, "text": l.AtText,
			"label":     node{"show": true, "@formatter": "text", "@color": "muted", "position": "insideEndTop", "fontSize": 12},
			"lineStyle": node{"@color": "muted", "type": "dashed", "width": 1},
		}}}
	}
	opt["series"] = series
}

// hatched returns the areas of incomplete categories of the first line.
func (l Lines) hatched() [][]node {
	var out [][]node
	if len(l.Lines) == 0 {
		return nil
	}
	ps := l.Lines[0].Points
	for i := 0; i < len(ps); i++ {
		if !ps[i].Incomplete {
			continue
		}
		j := i
		for j+1 < len(ps) && ps[j+1].Incomplete {
			j++
		}
		out = append(out, []node{{"xAxis": i, "text": "incomplete"}, {"xAxis": j}})
		i = j
	}
	return out
}
