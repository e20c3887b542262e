package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vouch/referral"
)

// File is one output, at a path relative to the out folder with forward slashes.
type File struct {
	Path string
	Data []byte
}

// Envelope is the JSON form of every result: of commands and of the files beside the pages.
type Envelope struct {
	Schema   string             `json:"schema"`
	Run      Run                `json:"run"`
	Findings []referral.Finding `json:"findings"`
	Result   any                `json:"result"`
}

// maker builds one page and the result of its JSON twin.
type maker struct {
	name  string
	page  func(*writer) (*page, error)
	twin  func(*Bundle) any
	finds func(*Bundle) []referral.Finding
}

// makers are the pages in the order they are written.
func makers() []maker {
	return []maker{
		{"index", (*writer).index, indexTwin, func(*Bundle) []referral.Finding { return nil }},
		{"experiments", (*writer).experiments, func(b *Bundle) any {
			return struct {
				Experiments any `json:"experiments"`
			}{nonNil(b.Experiments)}
		}, experimentFindings},
		{"partners", (*writer).partners, func(b *Bundle) any {
			return struct {
				Partners     any `json:"partners"`
				Attributions any `json:"attributions"`
			}{b.Partners, nonNil(b.Attributions)}
		}, partnerFindings},
		{"weekly", (*writer).weekly, func(b *Bundle) any {
			return struct {
				Weekly *Weekly `json:"weekly"`
			}{b.Weekly}
		}, func(*Bundle) []referral.Finding { return nil }},
		{"funnels", (*writer).funnels, func(b *Bundle) any {
			return struct {
				Funnels any `json:"funnels"`
			}{nonNil(b.Funnels)}
		}, funnelFindings},
		{"cohorts", (*writer).cohorts, func(b *Bundle) any {
			return struct {
				Cohorts any `json:"cohorts"`
			}{nonNil(b.Cohorts)}
		}, cohortFindings},
	}
}

// Names lists the reports RenderOne knows.
func Names() []string {
	var out []string
	for _, m := range makers() {
		out = append(out, m.name)
	}
	return out
}

// Render writes every page with its JSON twin and CSV tables, and run_results.json. The error wraps
// chart.ErrNoAsset when the binary holds no chart library. Equal bundles give equal bytes.
func Render(b *Bundle) ([]File, error) {
	w, err := newWriter(b)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, m := range makers() {
		fs, err := w.files(m)
		if err != nil {
			return nil, err
		}
		out = append(out, fs...)
	}
	res, err := encode(w.full.RunResults(out))
	if err != nil {
		return nil, fmt.Errorf("run results: %w", err)
	}
	return append(out, File{"run_results.json", res}), nil
}

// RenderOne writes one report: its page, its JSON twin and its CSV tables.
func RenderOne(b *Bundle, name string) ([]File, error) {
	for _, m := range makers() {
		if m.name != name {
			continue
		}
		w, err := newWriter(b)
		if err != nil {
			return nil, err
		}
		return w.files(m)
	}
	problem := referral.Problem{
		Path: "report", Msg: fmt.Sprintf("there is no report %q", name),
		Hint: "the reports are " + strings.Join(Names(), ", "),
	}
	return nil, referral.Problems{problem}
}

// files renders one page with what stands beside it.
func (w *writer) files(m maker) ([]File, error) {
	p, err := m.page(w)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", m.name, err)
	}
	html, err := p.html()
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", m.name, err)
	}
	twin, err := encode(Envelope{
		Schema: "vouch.report." + m.name + "/1", Run: w.full.Run,
		Findings: referral.SortFindings(slices.Concat(w.full.Findings, m.finds(w.full))), Result: m.twin(w.full),
	})
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", m.name, err)
	}
	out := []File{{m.name + ".html", html}, {m.name + ".json", twin}}
	for _, t := range p.tables() {
		data, err := t.CSVFile()
		if err != nil {
			return nil, fmt.Errorf("report %s: %w", m.name, err)
		}
		out = append(out, File{m.name + "/" + t.ID + ".csv", data})
	}
	return out, nil
}

// encode writes JSON for files: indented, with a final newline; findings are never null.
func encode(v any) ([]byte, error) {
	if e, ok := v.(Envelope); ok && e.Findings == nil {
		e.Findings = []referral.Finding{}
		v = e
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// nonNil returns an empty slice for a nil one, so that JSON shows [] and not null.
func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func experimentFindings(b *Bundle) (out []referral.Finding) {
	for _, r := range b.Experiments {
		out = append(out, r.Findings...)
	}
	return out
}

func funnelFindings(b *Bundle) (out []referral.Finding) {
	for _, r := range b.Funnels {
		out = append(out, r.Findings...)
	}
	return out
}

func cohortFindings(b *Bundle) (out []referral.Finding) {
	for _, r := range b.Cohorts {
		out = append(out, r.Findings...)
	}
	return out
}

func partnerFindings(b *Bundle) (out []referral.Finding) {
	if b.Partners != nil {
		out = append(out, b.Partners.Findings...)
	}
	for _, r := range b.Attributions {
		out = append(out, r.Findings...)
	}
	return out
}
