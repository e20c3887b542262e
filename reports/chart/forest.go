package chart

import (
	"unicode/utf8"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// Effect is one row of a forest plot. An unknown side of the interval is drawn as an arrow: the
// interval is open there. Margin, if given, is the guardrail's limit.
type Effect struct {
	Name   string
	Value  *float64
	Lo, Hi *float64
	Margin *float64
	Beside *Range
	Looks  *Range
	Text   string
	Tip    string
	Tone   Tone
	Large  bool // the primary metric
}

// Range is a value with its interval; what is not known is not drawn.
type Range struct{ Value, Lo, Hi *float64 }

// Forest shows effects with their intervals against no effect.
type Forest struct {
	ID, Label string
	Effects   []Effect
	Format    Format
	Currency  string
	Decimals  int
}

// Option builds the chart.
func (f Forest) Option() (Option, error) {
	names := make([]string, len(f.Effects))
	data := make([]node, len(f.Effects))
	for i, e := range f.Effects {
		names[i] = Shorten(e.Name, 26)
		data[i] = node{
			"value": []any{gap(e.Value), gap(e.Lo), gap(e.Hi), i, gap(e.Margin)}, "beside": e.Beside.gaps(), "looks": e.Looks.gaps(), "text": e.Text, "tip": e.Tip,
			"tone": tone(e.Tone), "large": e.Large,
		}
	}
	lo, hi := f.extent()
	c := charts.NewCustom()
	c.SetGlobalOptions(base(f.ID, opts.XAxis{Type: "value", Min: lo, Max: hi}, opts.YAxis{Type: "category", Data: names})...)
	c.MultiSeries = append(c.MultiSeries, charts.SingleSeries{Type: types.ChartCustom, Data: data})
	return finish(f.ID, f.Label, 60+40*len(f.Effects), meta{f.Currency, f.Decimals}, c, func(opt node) {
		x, y := axis(opt, "xAxis"), axis(opt, "yAxis")
		style(x, f.Format)
		style(y, "")
		x["splitNumber"] = 4
		x["axisLabel"].(node)["showMinLabel"] = false
		x["axisLabel"].(node)["showMaxLabel"] = false
		y["inverse"] = true
		y["axisLabel"].(node)["@color"] = "text"
		y["axisLabel"].(node)["interval"] = 0
		y["axisLabel"].(node)["@narrow"] = node{"width": 108, "overflow": "truncate"}
		opt["grid"] = node{"left": 4, "right": f.room(), "top": 8, "bottom": 8, "containLabel": true, "@narrow": node{"right": 16}}
		s := opt["series"].([]any)[0].(node)
		s["@renderItem"] = "forest"
		s["encode"] = node{"x": []int{0, 1, 2}, "y": 3}
		s["clip"] = false
		s["markLine"] = node{"silent": true, "symbol": "none", "data": []node{{
			"xAxis": 0, "label": node{"show": false},
			"lineStyle": node{"@color": "text", "type": "solid", "width": 1},
		}}}
	})
}

// room is the width of the column of texts at the right edge, in pixels.
func (f Forest) room() int {
	longest := 0
	for _, e := range f.Effects {
		longest = max(longest, utf8.RuneCountInString(e.Text))
	}
	return min(320, max(180, 24+7*longest))
}

// extent returns the bounds of the axis: every known number and zero, with a margin of a tenth.
func (f Forest) extent() (lo, hi float64) {
	for _, e := range f.Effects {
		all := append([]*float64{e.Value, e.Lo, e.Hi, e.Margin}, e.Beside.known()...)
		for _, v := range append(all, e.Looks.known()...) {
			if v != nil {
				lo, hi = min(lo, *v), max(hi, *v)
			}
		}
	}
	pad := (hi - lo) / 10
	if pad == 0 {
		pad = 1
	}
	return lo - pad, hi + pad
}

// known are the numbers of a range, nothing of none.
func (r *Range) known() []*float64 {
	if r == nil {
		return nil
	}
	return []*float64{r.Value, r.Lo, r.Hi}
}

// gaps are the numbers for the page's script.
func (r *Range) gaps() []any {
	var out []any
	for _, v := range r.known() {
		out = append(out, gap(v))
	}
	return out
}
