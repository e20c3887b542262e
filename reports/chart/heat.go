package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// HeatCell is one cell of a triangle; Partial cells, of which only a part of the cohort has lived
// through the age, are hatched.
type HeatCell struct {
	X, Y    int
	Value   float64
	Text    string
	Tip     string
	Partial bool
}

// Heat is a triangle of shares: cohorts down, ages across.
type Heat struct {
	ID, Label string
	Columns   []string
	Rows      []string
	Cells     []HeatCell
	Max       float64 // value of the strongest colour; 0: the largest cell
	XName     string
}

// Option builds the chart.
func (h Heat) Option() (Option, error) {
	top := h.Max
	for _, c := range h.Cells {
		if h.Max == 0 {
			top = max(top, c.Value)
		}
	}
	if top <= 0 {
		top = 1
	}
	data := make([]node, len(h.Cells))
	for i, c := range h.Cells {
		d := node{"value": []any{c.X, c.Y, min(c.Value, top)}, "text": c.Text, "tip": c.Tip, "label": node{"@heat": min(c.Value, top) / top}}
		if c.Partial {
			// The hatch of the bars is a shade that some cells have themselves: there it would not be seen.
			decal := hatch()
			decal["@color"], decal["dashArrayY"] = "text", []int{1, 6}
			d["itemStyle"] = node{"decal": decal}
			d["label"] = node{"@color": "text", "@backgroundColor": "bg", "padding": []int{1, 3}, "borderRadius": 2}
		}
		data[i] = d
	}
	rows := make([]string, len(h.Rows))
	for i, r := range h.Rows {
		rows[i] = Shorten(r, 24)
	}
	c := charts.NewHeatMap()
	c.SetGlobalOptions(base(h.ID, opts.XAxis{Type: "category", Data: h.Columns}, opts.YAxis{Type: "category", Data: rows})...)
	c.SetXAxis(h.Columns)
	c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartHeatMap, Data: data})
	return finish(h.ID, h.Label, 70+30*len(h.Rows), meta{}, c, func(opt node) {
		x, y := axis(opt, "xAxis"), axis(opt, "yAxis")
		style(x, "")
		style(y, "")
		y["inverse"] = true
		y["axisLabel"].(node)["interval"] = 0
		x["position"] = "top"
		if h.XName != "" {
			x["name"], x["nameLocation"], x["nameGap"] = h.XName, "middle", 28
		}
		opt["grid"] = node{"left": 4, "right": 4, "top": 40, "bottom": 4, "containLabel": true}
		opt["visualMap"] = []node{{
			"type": "continuous", "show": false, "min": 0, "max": top, "dimension": 2,
			"inRange": node{"@color": []string{"heat-0", "heat-1"}},
		}}
		s := opt["series"].([]any)[0].(node)
		s["label"] = node{"show": true, "@formatter": "text", "fontSize": 11, "@narrow": node{"fontSize": 9}}
		s["itemStyle"] = node{"@borderColor": "bg", "borderWidth": 2}
	})
}
