package chart

import (
	"fmt"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Stop is one end of a flow: where people come from, on the left, or where they go, on the right. Text
// stands beside it; Tip is shown on hover and names it in full.
type Stop struct {
	Name string
	Text string
	Tip  string
	Tone Tone
}

// Flow is a stream from a left stop to a right one, by index.
type Flow struct {
	From, To int
	Value    float64
	Tip      string
}

// Sankey shows how people spread from the stops on the left to those on the right: the width of a
// stream is its number. Stops stand in the order given, each in the tone of where its people go.
type Sankey struct {
	ID, Label   string
	Left, Right []Stop
	Flows       []Flow
}

// Option builds the chart. A stop without a stream is left out, because it has no height. A flow that is
// not positive, or from or to a stop that is not there, is an error.
func (s Sankey) Option() (Option, error) {
	left, right := make([]bool, len(s.Left)), make([]bool, len(s.Right))
	links := make([]node, len(s.Flows))
	for i, f := range s.Flows {
		if f.From < 0 || f.From >= len(s.Left) || f.To < 0 || f.To >= len(s.Right) {
			return Option{}, fmt.Errorf("chart %s: flow %d joins stops %d and %d, which are not there", s.ID, i+1, f.From, f.To)
		}
		if f.Value <= 0 {
			return Option{}, fmt.Errorf("chart %s: flow %d of %v has no width", s.ID, i+1, f.Value)
		}
		left[f.From], right[f.To] = true, true
		links[i] = node{
			"source": stopID("l", f.From), "target": stopID("r", f.To), "value": f.Value, "tip": f.Tip,
			"lineStyle": node{"@color": tone(s.Right[f.To].Tone), "opacity": 0.32},
		}
	}
	data, rows := []node{}, 0
	for _, side := range []struct {
		id    string
		stops []Stop
		used  []bool
		depth int
		label string
		wide  int
	}{{"l", s.Left, left, 0, "left", 96}, {"r", s.Right, right, 1, "right", 112}} {
		n := 0
		for i, st := range side.stops {
			if !side.used[i] {
				continue
			}
			n++
			data = append(data, node{
				"name": stopID(side.id, i), "depth": side.depth, "text": Shorten(st.Name, 24) + "\n" + st.Text, "tip": st.Tip,
				"itemStyle": node{"@color": tone(st.Tone), "borderWidth": 0},
				"label": node{
					"show": true, "position": side.label, "@formatter": "text", "@color": "text", "fontSize": 12, "lineHeight": 15, "distance": 8,
					"@narrow": node{"width": side.wide, "overflow": "truncate", "fontSize": 11},
				},
			})
		}
		rows = max(rows, n)
	}
	c := charts.NewSankey()
	c.SetGlobalOptions(charts.WithInitializationOpts(opts.Initialization{ChartID: s.ID}))
	c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartSankey, Data: data, Links: links})
	return finish(s.ID, s.Label, 80+48*max(rows, 4), meta{}, c, func(opt node) {
		series := opt["series"].([]any)[0].(node)
		series["left"], series["right"], series["top"], series["bottom"] = 190, 190, 10, 10
		series["@narrow"] = node{"left": 104, "right": 120}
		series["nodeWidth"] = 12
		series["nodeGap"] = 30         // two lines of text
		series["layoutIterations"] = 0 // the order of the data is the order of the steps
		series["draggable"] = false
		series["emphasis"] = node{"focus": "adjacency"}
	})
}

// stopID names a stop for the drawing library; the name a reader sees is only ever a label.
func stopID(side string, i int) string { return side + strconv.Itoa(i) }
