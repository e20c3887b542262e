package reports_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vouch/referral"
	"vouch/reports"
	"vouch/reports/chart"
	"vouch/reports/reportstest"

	xhtml "golang.org/x/net/html"
)

// rendered renders or skips when the binary holds no chart library.
func rendered(t *testing.T, b *reports.Bundle) []reports.File {
	t.Helper()
	fs, err := reports.Render(b)
	if errors.Is(err, chart.ErrNoAsset) {
		t.Skip("the chart library is not built: run make assets")
	}
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// render is rendered by path.
func render(t *testing.T, b *reports.Bundle) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, f := range rendered(t, b) {
		if _, twice := out[f.Path]; twice {
			t.Errorf("%s is written twice", f.Path)
		}
		out[f.Path] = f.Data
	}
	return out
}

func bundles() map[string]*reports.Bundle {
	return map[string]*reports.Bundle{"rich": reportstest.Rich(), "hollow": reportstest.Hollow(), "empty": reportstest.Empty()}
}

// elements parses a page and returns its elements in order.
func elements(t *testing.T, page []byte) []*xhtml.Node {
	t.Helper()
	doc, err := xhtml.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []*xhtml.Node
	for n := range doc.Descendants() {
		if n.Type == xhtml.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *xhtml.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func content(n *xhtml.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == xhtml.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func TestRender_policyAllowsExactlyWhatThePageHolds(t *testing.T) {
	for name, b := range bundles() {
		for path, page := range render(t, b) {
			if !strings.HasSuffix(path, ".html") {
				continue
			}
			var policy string
			var want []string
			for _, n := range elements(t, page) {
				if eq, _ := attr(n, "http-equiv"); n.Data == "meta" && eq == "Content-Security-Policy" {
					policy, _ = attr(n, "content")
				}
				kind, typed := attr(n, "type")
				switch {
				case n.Data == "script" && typed && kind == "application/json":
					if !json.Valid([]byte(content(n))) {
						t.Errorf("%s/%s: a data block is not JSON", name, path)
					}
				case n.Data == "script" || n.Data == "style":
					sum := sha256.Sum256([]byte(content(n)))
					want = append(want, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
				}
			}
			for _, must := range []string{"default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"} {
				if !strings.Contains(policy, must) {
					t.Errorf("%s/%s: policy %q lacks %s", name, path, policy, must)
				}
			}
			got := regexp.MustCompile(`'sha256-[^']+'`).FindAllString(policy, -1)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || strings.Contains(policy, "unsafe") {
				t.Errorf("%s/%s: policy lists %v, the page holds %v", name, path, got, want)
			}
		}
	}
}

func TestRender_pagesLoadNothingAndRunNothingInline(t *testing.T) {
	loads := []string{"src", "srcset", "background", "poster", "action", "formaction", "ping", "data"}
	for name, b := range bundles() {
		for path, page := range render(t, b) {
			if !strings.HasSuffix(path, ".html") {
				continue
			}
			ids := map[string]bool{}
			all := elements(t, page)
			for _, n := range all {
				if id, ok := attr(n, "id"); ok {
					if ids[id] {
						t.Errorf("%s/%s: id %q twice", name, path, id)
					}
					ids[id] = true
				}
				if slices.Contains([]string{"link", "iframe", "object", "embed", "base", "form", "img"}, n.Data) {
					t.Errorf("%s/%s: has <%s>", name, path, n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || slices.Contains(loads, a.Key) {
						t.Errorf("%s/%s: <%s %s=%q>", name, path, n.Data, a.Key, a.Val)
					}
				}
			}
			for _, n := range all {
				href, ok := attr(n, "href")
				if !ok {
					continue
				}
				if anchor, local := strings.CutPrefix(href, "#"); local && !ids[anchor] {
					t.Errorf("%s/%s: link to #%s, which is not there", name, path, anchor)
				} else if !local && !regexp.MustCompile(`^[a-z]+\.(html|json)(#[a-z-]+)?$`).MatchString(href) {
					t.Errorf("%s/%s: link to %q", name, path, href)
				}
			}
		}
	}
}

func TestRender_tablesAndChartsAreAccessible(t *testing.T) {
	for path, page := range render(t, reportstest.Rich()) {
		if !strings.HasSuffix(path, ".html") {
			continue
		}
		var charts, tables int
		for _, n := range elements(t, page) {
			switch class, _ := attr(n, "class"); {
			case class == "chart":
				charts++
				role, _ := attr(n, "role")
				if label, _ := attr(n, "aria-label"); role != "img" || len(label) < 20 {
					t.Errorf("%s: a chart without a sentence: %q", path, label)
				}
			case n.Data == "table":
				tables++
				if c := n.FirstChild; c == nil || !strings.Contains(render1(t, n), "<caption>") {
					t.Errorf("%s: a table without a caption", path)
				}
			case n.Data == "th":
				if _, ok := attr(n, "scope"); !ok {
					t.Errorf("%s: a heading cell without scope", path)
				}
			}
		}
		if tables == 0 || charts == 0 && path != "index.html" {
			t.Errorf("%s: %d charts, %d tables", path, charts, tables)
		}
	}
}

func render1(t *testing.T, n *xhtml.Node) string {
	t.Helper()
	var b strings.Builder
	if err := xhtml.Render(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRender_hostileNamesStayText(t *testing.T) {
	files := render(t, reportstest.Rich())
	for path, data := range files {
		if strings.HasSuffix(path, ".csv") {
			continue // plain text, never parsed as markup
		}
		if bytes.Contains(data, []byte("<script>document.title")) {
			t.Errorf("%s holds the hostile name as markup", path)
		}
	}
	page := string(files["partners.html"])
	if !strings.Contains(page, html.EscapeString(`</script><script`)) {
		t.Error("the hostile name is not shown at all")
	}
	if !strings.Contains(string(files["partners/partners.csv"]), "'=HYPERLINK(") {
		t.Error("the formula is not neutralised in the file")
	}
}

func TestRender_equalBundlesGiveEqualBytes(t *testing.T) {
	a, b := render(t, reportstest.Rich()), render(t, reportstest.Rich())
	if len(a) != len(b) {
		t.Fatalf("%d and %d files", len(a), len(b))
	}
	for path := range a {
		if !bytes.Equal(a[path], b[path]) {
			t.Errorf("%s differs between two renderings", path)
		}
	}
}

func TestRender_twinsHaveTheEnvelope(t *testing.T) {
	for name, b := range bundles() {
		files := render(t, b)
		for _, report := range reports.Names() {
			var env struct {
				Schema   string              `json:"schema"`
				Run      *reports.Run        `json:"run"`
				Findings *[]referral.Finding `json:"findings"`
				Result   map[string]any      `json:"result"`
			}
			d := json.NewDecoder(bytes.NewReader(files[report+".json"]))
			d.DisallowUnknownFields()
			if err := d.Decode(&env); err != nil {
				t.Fatalf("%s/%s: %v", name, report, err)
			}
			if env.Schema != "vouch.report."+report+"/1" || env.Run == nil || env.Run.ID != b.Run.ID || env.Findings == nil || len(env.Result) == 0 {
				t.Errorf("%s/%s: envelope %+v", name, report, env)
			}
		}
		var run reports.RunResults
		if err := json.Unmarshal(files["run_results.json"], &run); err != nil {
			t.Fatal(err)
		}
		if run.Schema != "vouch.run_results/1" || len(run.Files) != len(files)-1 || len(run.Nodes) == 0 {
			t.Errorf("%s: run results %+v", name, run)
		}
	}
}

// Every CSV reads back with as many fields in each row as in its header, and the one in the page is
// the one beside it.
func TestRender_filesReadBack(t *testing.T) {
	files := render(t, reportstest.Rich())
	n := 0
	for path, data := range files {
		if !strings.HasSuffix(path, ".csv") {
			continue
		}
		n++
		if _, err := csv.NewReader(bytes.NewReader(data)).ReadAll(); err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", path, err)
		}
		report, table, _ := strings.Cut(strings.TrimSuffix(path, ".csv"), "/")
		for _, e := range elements(t, files[report+".html"]) {
			if id, _ := attr(e, "id"); e.Data == "script" && id == "csv-"+table {
				var part struct{ Name, Text string }
				if err := json.Unmarshal([]byte(content(e)), &part); err != nil || part.Text != string(data) {
					t.Errorf("%s: the page holds another table (%v)", path, err)
				}
			}
		}
	}
	if n < 12 {
		t.Errorf("%d tables", n)
	}
}

func TestRender_saysThatThereIsNothing(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"empty": {
			"experiments.html": "No experiment is defined", "partners.html": "There are no partners, customers or costs", "weekly.html": "There is no complete week",
			"funnels.html": "No funnel is defined", "cohorts.html": "No cohorts are defined", "index.html": "No events are loaded yet",
		},
		"hollow": {
			"experiments.html": "Nobody was exposed", "funnels.html": "Nobody entered referral yet", "cohorts.html": "There are no customers old enough",
			"weekly.html": "the number of new customers is not known", "partners.html": "There are no partners, customers or costs",
		},
	} {
		files := render(t, bundles()[name])
		for path, text := range want {
			if !strings.Contains(string(files[path]), text) {
				t.Errorf("%s/%s does not say %q", name, path, text)
			}
		}
	}
}

func TestRender_opensWithTheAnswer(t *testing.T) {
	files := render(t, reportstest.Rich())
	for path, want := range map[string]string{
		"experiments.html": "Reward: ship ten, worth +EUR 6,980 a month (+2,800 to +11,200). Banner: do not read. Landing: hold, signed_up +0.08 pp (-1.10 to +1.25).",
		"weekly.html":      "Week 2026-W46 brought 118 new customers, 34 more than the week before.",
		"funnels.html":     "Of 41,207 persons who entered referral, 2,116 reached purchase: 5.14 % (95 % interval 4.93 to 5.35); the largest loss is before invite_clicked.",
	} {
		var lead string
		for _, n := range elements(t, files[path]) {
			if n.Data == "h1" {
				lead = strings.NewReplacer("\u00a0", " ", "\u2212", "-").Replace(content(n))
			}
		}
		if lead != want {
			t.Errorf("%s opens with\n%q, want\n%q", path, lead, want)
		}
	}
}

func TestRender_carriesTheLicencesOfWhatItHolds(t *testing.T) {
	files := render(t, reportstest.Rich())
	for path, want := range map[string]bool{"partners.html": true, "index.html": false} {
		if got := bytes.Contains(files[path], []byte("Licensed to the Apache Software Foundation")) || bytes.Contains(files[path], []byte("Apache License")); got != want {
			t.Errorf("%s: licence %v, want %v", path, got, want)
		}
	}
}

func TestRender_showsTooFewInsteadOfARate(t *testing.T) {
	page := strings.ReplaceAll(string(render(t, reportstest.Rich())["funnels.html"]), "\u00a0", " ")
	if !strings.Contains(page, "n = 7, too few") {
		t.Error("a rate of seven persons is shown")
	}
}

func TestRenderOne(t *testing.T) {
	fs, err := reports.RenderOne(reportstest.Rich(), "weekly")
	if errors.Is(err, chart.ErrNoAsset) {
		t.Skip("the chart library is not built: run make assets")
	}
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range fs {
		paths = append(paths, f.Path)
	}
	if want := []string{"weekly.html", "weekly.json", "weekly/movers.csv", "weekly/figures.csv"}; !slices.Equal(paths, want) {
		t.Errorf("files %v, want %v", paths, want)
	}
	var ps referral.Problems
	if _, err := reports.RenderOne(reportstest.Rich(), "weakly"); !errors.As(err, &ps) || !strings.Contains(err.Error(), "weekly") {
		t.Errorf("an unknown report: %v", err)
	}
}

func TestRender_unknownZone(t *testing.T) {
	b := reportstest.Empty()
	b.Project.Timezone = "Mars/Olympus"
	if _, err := reports.Render(b); err == nil {
		t.Error("a zone that does not exist was taken")
	}
}
