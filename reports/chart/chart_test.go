package chart

import (
	"bytes"
	"encoding/json"
	"errors"
	"image/png"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const hostile = `</script><script>document.title=1337</script>__f__{a|b}`

func f(v float64) *float64 { return &v }

// every chart of the package with hostile texts everywhere a caller can put one.
func every(v float64) map[string]func() (Option, error) {
	points := []Point{{X: hostile, Value: f(1), Lo: f(0), Hi: f(2), Tip: hostile}, {X: "b"}, {X: "c", Value: f(v), Incomplete: true, Tip: hostile}}
	return map[string]func() (Option, error){
		"bars": Bars{
			ID: "bars", Label: hostile, Format: Money, Currency: "EUR", Decimals: 2, Line: f(1), LineText: hostile,
			Rows: []Row{{Name: hostile, Value: f(v), Lo: f(-1), Hi: f(3), Text: hostile, Tip: hostile}, {Name: "none"}, {Name: "minus", Value: f(-2)}},
		}.Option,
		"track": Bars{ID: "track", Track: true, Rows: []Row{{Name: hostile, Value: f(v)}}}.Option,
		"lines": Lines{ID: "lines", Lines: []Line{{Name: hostile, Points: points}, {Name: "b", Points: points, Dashed: true}}, At: f(1), AtText: hostile, XName: hostile}.Option,
		"cols":  Columns{ID: "cols", Points: points}.Option,
		"hist":  Columns{ID: "hist", XName: hostile, Points: []Point{{X: hostile, Value: f(v), Text: hostile, Tip: hostile}}}.Option,
		"sankey": Sankey{
			ID: "sankey", Label: hostile, Left: []Stop{{Name: hostile, Text: hostile, Tip: hostile, Tone: Worse}}, Right: []Stop{{Name: hostile, Text: hostile, Tip: hostile}},
			Flows: []Flow{{Value: v, Tip: hostile}},
		}.Option,
		"heat": Heat{ID: "heat", Columns: []string{hostile}, Rows: []string{hostile}, Cells: []HeatCell{{Value: v, Text: hostile, Tip: hostile, Partial: true}}}.Option,
		"forest": Forest{ID: "forest", Format: Points, Effects: []Effect{
			{Name: hostile, Value: f(v), Lo: f(-1), Text: hostile, Tip: hostile, Margin: f(-2)},
			{Name: "unknown"},
		}}.Option,
		"bubbles": Bubbles{
			ID: "bubbles", XName: hostile, YName: hostile, Currency: "EUR", Decimals: 2, Slopes: []Slope{{1, hostile}},
			Bubbles: []Bubble{{Name: hostile, X: 5, Y: v, Size: 3, Tip: hostile, Labelled: true}},
		}.Option,
		"empty-bars": Bars{ID: "empty-bars"}.Option, "empty-lines": Lines{ID: "empty-lines"}.Option, "empty-cols": Columns{ID: "empty-cols"}.Option,
		"empty-heat": Heat{ID: "empty-heat"}.Option, "empty-forest": Forest{ID: "empty-forest"}.Option, "empty-bubbles": Bubbles{ID: "empty-bubbles"}.Option,
		"empty-sankey": Sankey{ID: "empty-sankey"}.Option,
	}
}

func TestOption_isDataAndNothingElse(t *testing.T) {
	for name, build := range every(1.5) {
		o, err := build()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := build()
		if err != nil || !bytes.Equal(o.JSON, again.JSON) {
			t.Errorf("%s: two builds differ (%v)", name, err)
		}
		if o.ID != name || o.Height < 40 {
			t.Errorf("%s: id %q, height %d", name, o.ID, o.Height)
		}
		if i := bytes.IndexAny(o.JSON, "<>&"); i >= 0 {
			t.Errorf("%s: a character that ends a script element stands at %d", name, i)
		}
		var doc struct {
			Option map[string]any `json:"option"`
		}
		if err := json.Unmarshal(o.JSON, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, k := range []string{"title", "toolbox", "legend"} {
			if _, ok := doc.Option[k]; ok {
				t.Errorf("%s: option has %s", name, k)
			}
		}
		if tip, ok := doc.Option["tooltip"].(map[string]any); !ok || tip["renderMode"] != "richText" {
			t.Errorf("%s: tooltips are not text: %v", name, doc.Option["tooltip"])
		}
	}
}

func TestOption_refusesWhatIsNoNumber(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for name, build := range every(v) {
			if strings.HasPrefix(name, "empty-") {
				continue
			}
			if o, err := build(); err == nil {
				t.Errorf("%s drew %v: %s", name, v, o.JSON)
			}
		}
	}
}

func TestOption_keepsNamesWhole(t *testing.T) {
	o, err := Bars{ID: "x", Rows: []Row{{Name: "a", Value: f(1), Tip: hostile}}}.Option()
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(o.JSON, &doc); err != nil {
		t.Fatal(err)
	}
	if !contains(doc, hostile) {
		t.Errorf("the tooltip lost characters: %s", o.JSON)
	}
}

// contains looks for a text among the values of a document.
func contains(n any, want string) bool {
	switch v := n.(type) {
	case string:
		return v == want
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return contains(x, want) })
	case map[string]any:
		for _, x := range v {
			if contains(x, want) {
				return true
			}
		}
	}
	return false
}

// The names that options use are those that the script and the stylesheet know.
func TestOption_namesAreKnown(t *testing.T) {
	css, err := os.ReadFile("../page.css")
	if err != nil {
		t.Fatal(err)
	}
	for name, build := range every(1.5) {
		o, err := build()
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(o.JSON, &doc); err != nil {
			t.Fatal(err)
		}
		walk(doc, func(key string, v any) {
			switch {
			case !strings.HasPrefix(key, "@") || key == "@narrow" || key == "@heat":
			case key == "@formatter" || key == "@renderItem":
				if !regexp.MustCompile(`(?m)^    ` + v.(string) + `: \(`).MatchString(Script()) {
					t.Errorf("%s: the script has no %s %q", name, key, v)
				}
			default:
				colours, ok := v.([]any)
				if !ok {
					colours = []any{v}
				}
				for _, c := range colours {
					if !strings.Contains(string(css), "--"+c.(string)+":") || !strings.Contains(Script(), "'"+c.(string)+"'") {
						t.Errorf("%s: %s %q is no colour of the page", name, key, c)
					}
				}
			}
		})
	}
	for _, tone := range slices.Concat([]Tone{Accent, Better, Worse, Neutral, Warn}, seriesTones) {
		if strings.Count(string(css), "--"+string(tone)+":") != 3 {
			t.Errorf("tone %s does not have one light and two dark values", tone)
		}
	}
}

func walk(n any, visit func(string, any)) {
	switch v := n.(type) {
	case []any:
		for _, x := range v {
			walk(x, visit)
		}
	case map[string]any:
		for k, x := range v {
			visit(k, x)
			walk(x, visit)
		}
	}
}

func TestOption_refusesIdsThatAreNoNames(t *testing.T) {
	for _, id := range []string{"", "a b", `"x`, "<x>", "ü"} {
		if _, err := (Bars{ID: id}).Option(); err == nil {
			t.Errorf("id %q was taken", id)
		}
	}
}

func TestBubbles_refusesWhatHasNoLogarithm(t *testing.T) {
	for _, x := range []float64{0, -1} {
		if _, err := (Bubbles{ID: "b", Bubbles: []Bubble{{X: x, Y: 1}}}).Option(); err == nil {
			t.Errorf("a cost of %v was drawn on a log scale", x)
		}
	}
}

func TestNice(t *testing.T) {
	for x, want := range map[float64]float64{1: 1, 1.9: 1, 2: 2, 4.99: 2, 5: 5, 9.9: 5, 10: 10, 1234: 1000, 0.07: 0.05} {
		if got := nice(x); math.Abs(got-want) > 1e-12*want {
			t.Errorf("nice(%v) = %v, want %v", x, got, want)
		}
	}
}

func TestShorten_keepsStartAndEnd(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"}, {"The Very Long Partner", 11, "The V…rtner"}, {"北京推荐合作伙伴有限公司", 7, "北京推…限公司"}, {"abcdef", 3, "abcdef"}, {"ab cd ef gh", 8, "ab c…gh"},
	} {
		if got := Shorten(c.in, c.n); got != c.want || !utf8.ValidString(got) {
			t.Errorf("Shorten(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestHatched_joinsNeighbours(t *testing.T) {
	l := Lines{Lines: []Line{{Points: []Point{{}, {Incomplete: true}, {Incomplete: true}, {}, {Incomplete: true}}}}}
	got, err := json.Marshal(l.hatched())
	if err != nil {
		t.Fatal(err)
	}
	want := `[[{"text":"incomplete","xAxis":1},{"xAxis":2}],[{"text":"incomplete","xAxis":4},{"xAxis":4}]]`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

func TestPicture_PNG(t *testing.T) {
	p := Picture{Values: []*float64{f(3), nil, f(-1), f(7)}, Ticks: []string{"a", "", "", "now"}, Format: func(v float64) string { return "EUR 5" }}
	a, err := p.PNG()
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.PNG()
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two pictures of the same numbers differ (%v)", err)
	}
	img, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	if w := img.Bounds().Dx(); w < 2*pictureWidth-4 || w > 2*pictureWidth+4 {
		t.Errorf("the picture is %d pixels wide", w)
	}
	p.Values[3] = f(8)
	if c, err := p.PNG(); err != nil || bytes.Equal(a, c) {
		t.Errorf("other numbers give the same picture (%v)", err)
	}
	if _, err := (Picture{Values: []*float64{nil}}).PNG(); !errors.Is(err, ErrNoValues) {
		t.Errorf("an empty picture: %v", err)
	}
	if _, err := (Picture{Values: []*float64{f(math.NaN())}}).PNG(); err == nil || errors.Is(err, ErrNoValues) {
		t.Errorf("a value that is no number: %v", err)
	}
}

// Without the built library the functions say how to get it; with it, it is what was recorded.
func TestLibrary(t *testing.T) {
	text, err := Library()
	if errors.Is(err, ErrNoAsset) {
		if !strings.Contains(err.Error(), "make assets") {
			t.Errorf("%v does not say what to do", err)
		}
		t.Skip("the chart library is not built: run make assets")
	}
	if err != nil {
		t.Fatal(err)
	}
	if l := strings.ToLower(text); strings.Contains(l, "</script") || strings.Contains(l, "<!--") || strings.Contains(text, "new Function(") {
		t.Error("the library cannot stand in a page under its policy")
	}
	if v, err := Version(); err != nil || !strings.HasPrefix(v, "Apache ECharts 6.") {
		t.Errorf("version %q, %v", v, err)
	}
	if l, err := Licenses(); err != nil || !strings.Contains(l, "Apache License") || !strings.Contains(l, "ZRender") {
		t.Errorf("licences of %d bytes, %v", len(l), err)
	}
}

// Columns that are all equal, all zero or a single one give a picture; none gives none.
func TestPicture_flatSeries(t *testing.T) {
	for name, values := range map[string][]*float64{
		"all zero": {f(0), f(0), f(0)}, "one zero": {f(0)}, "all equal": {f(7), f(7)}, "all negative": {f(-3), f(-3)}, "one": {f(12)},
		"gaps and zeros": {nil, f(0), nil}, "tiny": {f(5e-324), f(0)}, "huge": {f(4e307), f(-4e307)}, "negative zero": {f(math.Copysign(0, -1))},
	} {
		if _, err := (Picture{Values: values, Ticks: make([]string, len(values))}).PNG(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, values := range map[string][]*float64{"all missing": {nil, nil}, "none": {}} {
		if _, err := (Picture{Values: values}).PNG(); !errors.Is(err, ErrNoValues) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Picture{Values: []*float64{f(math.MaxFloat64), f(-math.MaxFloat64)}}).PNG(); err == nil {
		t.Error("an axis of infinite height was drawn")
	}
}

// Axes with bounds of their own have a width, whatever the data.
func TestOption_flatSeries(t *testing.T) {
	for name, v := range map[string]*float64{"zero": f(0), "equal": f(3), "negative": f(-3), "missing": nil, "huge": f(1e300), "tiny": f(5e-324)} {
		points := []Point{{X: "a", Value: v, Lo: v, Hi: v}, {X: "b", Value: v}}
		options := map[string]func() (Option, error){
			"bars": Bars{ID: "x", Rows: []Row{{Name: "a", Value: v, Lo: v, Hi: v}, {Name: "b", Value: v}}}.Option, "track": Bars{ID: "x", Track: true, Rows: []Row{{Name: "a", Value: v}}}.Option,
			"lines": Lines{ID: "x", Lines: []Line{{Points: points}}, At: v}.Option, "columns": Columns{ID: "x", Points: points}.Option,
			"forest": Forest{ID: "x", Effects: []Effect{{Value: v, Lo: v, Hi: v}}}.Option,
		}
		if v != nil {
			options["heat"] = Heat{ID: "x", Columns: []string{"0"}, Rows: []string{"a"}, Cells: []HeatCell{{Value: *v}}}.Option
			options["bubbles"] = Bubbles{ID: "x", Bubbles: []Bubble{{X: math.Max(1e-3, *v), Y: *v}}, Slopes: []Slope{{1, ""}}}.Option
		}
		for kind, build := range options {
			o, err := build()
			if err != nil {
				t.Errorf("%s %s: %v", kind, name, err)
				continue
			}
			var doc struct{ Option map[string]any }
			if err := json.Unmarshal(o.JSON, &doc); err != nil {
				t.Fatal(err)
			}
			for _, which := range []string{"xAxis", "yAxis"} {
				a := axis(doc.Option, which)
				lo, hasLo := a["min"].(float64)
				hi, hasHi := a["max"].(float64)
				if hasHi && hi <= lo || hasLo && hasHi && hi <= lo {
					t.Errorf("%s %s: %s goes from %v to %v", kind, name, which, a["min"], a["max"])
				}
			}
		}
	}
}
