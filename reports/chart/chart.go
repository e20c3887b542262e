package chart

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Option is one chart ready for a page: JSON holds {"meta":…,"option":…} and is safe inside a
// <script> element. Label is the sentence that says what the chart shows, for readers who do not
// see it; Height is in CSS pixels.
type Option struct {
	ID     string
	JSON   []byte
	Label  string
	Height int
}

// Format names how the numbers of an axis are written by the page's script.
type Format string

// The formats of axes. Money needs the currency's decimals, which travel with the option.
const (
	Count    Format = "count"    // 1,234
	Percent  Format = "percent"  // a share of one, written 12.3 %
	Points   Format = "points"   // a difference of shares, written +1.2 pp
	Seconds  Format = "seconds"  // elapsed time, written 4.2 d
	Money    Format = "money"    // minor units, written EUR 12
	logMoney Format = "logmoney" // the decimal logarithm of minor units, written as money
)

// Tone is the meaning a colour carries. The page's stylesheet gives each a light and a dark value.
type Tone string

// The tones. Series colours are those of Okabe and Ito (2008), which people with colour blindness
// can tell apart; in no chart is colour the only mark.
const (
	Accent  Tone = "accent"
	Better  Tone = "better"
	Worse   Tone = "worse"
	Neutral Tone = "neutral"
	Warn    Tone = "warn"
)

// seriesTones are the tones of unnamed series, in order of use.
var seriesTones = []Tone{"s1", "s2", "s3", "s4", "s5", "s6", "s7"}

// meta is what the page's script needs to write the numbers of an axis.
type meta struct {
	Currency string `json:"currency,omitempty"`
	Decimals int    `json:"decimals"`
}

// node is a part of an option that go-echarts has no field for.
type node = map[string]any

// builder is what the charts of go-echarts have in common.
type builder interface {
	Validate()
	JSON() map[string]any
}

// finish takes the option out of the builder, lets refine set what go-echarts has no field for, and
// marshals it. Parts that could carry markup (title, toolbox, legend) are dropped, tooltips are drawn
// as SVG text and never as HTML.
func finish(id, label string, height int, m meta, c builder, refine func(node)) (Option, error) {
	if err := checkID(id); err != nil {
		return Option{}, err
	}
	c.Validate()
	first, err := json.Marshal(c.JSON())
	if err != nil {
		return Option{}, fmt.Errorf("chart %s: %w", id, err)
	}
	opt := node{}
	if err := json.Unmarshal(first, &opt); err != nil {
		return Option{}, fmt.Errorf("chart %s: %w", id, err)
	}
	for _, k := range []string{"title", "toolbox", "legend", "color"} {
		delete(opt, k)
	}
	opt["animation"] = false
	opt["tooltip"] = node{"renderMode": "richText", "confine": true, "@formatter": "tip", "trigger": "item"}
	refine(opt)
	out, err := json.Marshal(node{"meta": m, "option": opt})
	if err != nil {
		return Option{}, fmt.Errorf("chart %s: %w", id, err)
	}
	return Option{ID: id, JSON: out, Label: label, Height: height}, nil
}

// checkID refuses an id that could not stand in an attribute or a file name as it is.
func checkID(id string) error {
	if id == "" || strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_~", r)
	}) {
		return fmt.Errorf("chart id %q: use letters, digits and hyphens", id)
	}
	return nil
}

// base returns the global options every chart sets: the id, which go-echarts would draw at random,
// and axes of the given kinds.
func base(id string, x opts.XAxis, y opts.YAxis) []charts.GlobalOpts {
	if x.AxisLabel == nil {
		x.AxisLabel = &opts.AxisLabel{}
	}
	if y.AxisLabel == nil {
		y.AxisLabel = &opts.AxisLabel{}
	}
	return []charts.GlobalOpts{
		charts.WithInitializationOpts(opts.Initialization{ChartID: id}),
		charts.WithXAxisOpts(x), charts.WithYAxisOpts(y),
	}
}

// axis returns the first x or y axis of an option for refinement.
func axis(opt node, name string) node {
	a, ok := opt[name].([]any)
	if !ok || len(a) == 0 {
		return node{}
	}
	n, ok := a[0].(node)
	if !ok {
		return node{}
	}
	return n
}

// style sets what every axis has: quiet lines and labels in the page's colours.
func style(a node, f Format) {
	label := node{"@color": "muted", "hideOverlap": true, "fontSize": 12}
	if f != "" {
		label["@formatter"] = string(f)
	}
	a["axisLabel"] = label
	a["axisTick"] = node{"show": false}
	a["axisLine"] = node{"show": false}
	a["splitLine"] = node{"show": f != "", "lineStyle": node{"@color": "grid"}}
	a["nameTextStyle"] = node{"@color": "muted", "fontSize": 12}
}

// Shorten cuts the middle out of a name longer than n runes, so that both its start and its end can
// be told apart from similar names. The full name belongs in the tooltip and the table.
func Shorten(name string, n int) string {
	if utf8.RuneCountInString(name) <= n || n < 5 {
		return name
	}
	r := []rune(name)
	head := n / 2
	tail := n - 1 - head
	return strings.TrimRight(string(r[:head]), " ") + "…" + strings.TrimLeft(string(r[len(r)-tail:]), " ")
}

// gap returns the value, or the drawing library's mark for "nothing here".
func gap(v *float64) any {
	if v == nil {
		return "-"
	}
	return *v
}
