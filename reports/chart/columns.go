package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Columns are vertical bars over time, or over classes of a size: a histogram. Incomplete periods are
// hatched. The text of a point stands over its bar.
type Columns struct {
	ID, Label string
	Points    []Point
	Format    Format
	Currency  string
	Decimals  int
	Height    int // default 240
	Tone      Tone
	XName     string
}

// Option builds the chart.
func (c Columns) Option() (Option, error) {
	xs := make([]string, len(c.Points))
	data := make([]node, len(c.Points))
	texts := false
	for i, p := range c.Points {
		xs[i] = p.X
		data[i] = node{"value": gap(p.Value), "tip": p.Tip, "text": p.Text}
		texts = texts || p.Text != ""
		if p.Incomplete {
			data[i]["itemStyle"] = node{"@color": "track", "decal": hatch()}
		}
	}
	b := charts.NewBar()
	b.SetGlobalOptions(base(c.ID, opts.XAxis{Type: "category", Data: xs}, opts.YAxis{Type: "value"})...)
	b.SetXAxis(xs)
	b.MultiSeries = append(b.MultiSeries, charts.SingleSeries{Type: types.ChartBar, Data: data})
	height := c.Height
	if height == 0 {
		height = 240
	}
	return finish(c.ID, c.Label, height, meta{c.Currency, c.Decimals}, b, func(opt node) {
		x, y := axis(opt, "xAxis"), axis(opt, "yAxis")
		style(x, "")
		style(y, c.Format)
		y["splitNumber"] = 4
		x["axisLine"] = node{"show": true, "lineStyle": node{"@color": "grid"}}
		bottom := 8
		if c.XName != "" {
			x["name"], x["nameLocation"], x["nameGap"] = c.XName, "middle", 30
			bottom = 30
		}
		opt["grid"] = node{"left": 4, "right": 8, "top": 24, "bottom": bottom, "containLabel": true}
		s := opt["series"].([]any)[0].(node)
		s["barMaxWidth"] = 34
		s["barCategoryGap"] = "28%"
		s["itemStyle"] = node{"@color": tone(c.Tone)}
		if texts {
			s["label"] = node{"show": true, "position": "top", "@formatter": "text", "@color": "muted", "fontSize": 12, "lineHeight": 15, "@narrow": node{"fontSize": 10}}
			s["labelLayout"] = node{"hideOverlap": true}
		}
	})
}

// hatch is the pattern of what is not complete yet.
func hatch() node {
	return node{"symbol": "rect", "@color": "hatch", "dashArrayX": []int{1, 0}, "dashArrayY": []int{2, 5}, "rotation": -0.785}
}
