package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"vouch/reports/chart"
)

//go:embed page.tmpl page.css page.js
var pageFiles embed.FS

// pageTemplate is parsed once; a mistake in it is a mistake of this package.
var pageTemplate = template.Must(template.New("page.tmpl").Funcs(template.FuncMap{
	"spark": sparkPoints, "dot": sparkDot, "json": scriptJSON, "chartJSON": func(o *chart.Option) template.JS { return template.JS(o.JSON) },
	"inc": func(i int) int { return i + 1 },
}).ParseFS(pageFiles, "page.tmpl"))

// html writes the page. Its policy lists the hashes of exactly the style and the scripts it holds,
// so that nothing else can run, whatever a name contains.
func (p *page) html() ([]byte, error) {
	css, err := pageFiles.ReadFile("page.css")
	if err != nil {
		return nil, err
	}
	js, err := pageFiles.ReadFile("page.js")
	if err != nil {
		return nil, err
	}
	scripts := []string{string(js)}
	licences := ""
	if len(p.charts()) > 0 {
		lib, err := chart.Library()
		if err != nil {
			return nil, err
		}
		if licences, err = chart.Licenses(); err != nil {
			return nil, err
		}
		scripts = append(scripts, lib, chart.Script())
	}
	data := struct {
		*page
		Policy  string
		CSS     template.CSS
		Scripts []template.JS
		CSVs    []csvPart
		Charts  []*chart.Option
		// Licences of what the page carries; a page without charts carries no library.
		Licences string
	}{page: p, Licences: licences, Charts: p.charts(), Policy: policy(string(css), scripts), CSS: template.CSS(css)}
	for _, s := range scripts {
		data.Scripts = append(data.Scripts, template.JS(s))
	}
	for _, t := range p.tables() {
		text, err := t.CSVFile()
		if err != nil {
			return nil, err
		}
		data.CSVs = append(data.CSVs, csvPart{t.ID, p.Name + "-" + t.ID + ".csv", string(text)})
	}
	var buf bytes.Buffer
	if err := pageTemplate.Execute(&buf, data); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// csvPart is a table's file inside the page, for its download button.
type csvPart struct {
	ID   string `json:"-"`
	Name string `json:"name"`
	Text string `json:"text"`
}

// policy returns the content security policy of a page with one style and the given scripts.
func policy(css string, scripts []string) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	hashes := make([]string, len(scripts))
	for i, s := range scripts {
		hashes[i] = hash(s)
	}
	return "default-src 'none'; script-src " + strings.Join(hashes, " ") + "; style-src " + hash(css) +
		"; img-src data:; base-uri 'none'; form-action 'none'"
}

// scriptJSON marshals a value for a <script type="application/json"> element; encoding/json escapes
// what could end the element.
func scriptJSON(v any) (template.JS, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("page data: %w", err)
	}
	return template.JS(b), nil
}

// The size of a sparkline in its own units.
const sparkWidth, sparkHeight = 96.0, 24.0

// sparkPoints returns the polylines of a sparkline as "x,y x,y" texts, one for each unbroken run.
func sparkPoints(series []*float64) []string {
	x, y := sparkScale(series)
	var out []string
	var run []string
	flush := func() {
		if len(run) > 1 {
			out = append(out, strings.Join(run, " "))
		}
		run = nil
	}
	for i, v := range series {
		if v == nil {
			flush()
			continue
		}
		run = append(run, coord(x(i))+","+coord(y(*v)))
	}
	flush()
	return out
}

// sparkDot returns the place of the last known value, or nothing.
func sparkDot(series []*float64) []string {
	x, y := sparkScale(series)
	for i := len(series) - 1; i >= 0; i-- {
		if series[i] != nil {
			return []string{coord(x(i)), coord(y(*series[i]))}
		}
	}
	return nil
}

// sparkScale maps index and value into the sparkline, the smallest value at the bottom.
func sparkScale(series []*float64) (x func(int) float64, y func(float64) float64) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range series {
		if v != nil {
			lo, hi = min(lo, *v), max(hi, *v)
		}
	}
	x = func(i int) float64 { return 3 + float64(i)*(sparkWidth-6)/float64(max(1, len(series)-1)) }
	y = func(v float64) float64 {
		if hi <= lo {
			return sparkHeight / 2
		}
		return sparkHeight - 3 - (v-lo)/(hi-lo)*(sparkHeight-6)
	}
	return x, y
}

func coord(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
