package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vouch/internal/schema"
)

// manual is docs/configuration.md by its level-two headings.
func manual(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, part := range strings.Split("\n"+string(text), "\n## ") {
		head, body, _ := strings.Cut(part, "\n")
		out[head] = body
	}
	return out
}

// TestManual_namesEveryKey wants every key of the schema and every value it allows named, in
// backquotes, in the section of the key; so too every kind of source with its columns.
func TestManual_namesEveryKey(t *testing.T) {
	type properties map[string]struct{ Enum []string }
	var doc struct {
		Properties properties
		Defs       map[string]struct{ Properties properties } `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	sections := manual(t)
	want := func(section, name string) {
		t.Helper()
		if !strings.Contains(sections[section], "`"+name+"`") {
			t.Errorf("docs/configuration.md, section %s: `%s` is not explained", section, name)
		}
	}
	all := func(section string, ps properties) {
		t.Helper()
		for _, key := range slices.Sorted(maps.Keys(ps)) {
			want(section, key)
			if key == "currency" || key == "week_start" { // ISO 4217, the days of the week
				continue
			}
			for _, v := range ps[key].Enum {
				want(section, v)
			}
		}
	}
	// A top-level key that has a section of its own is explained there.
	own := map[string]string{
		"sources": "Sources", "funnels": "Funnels", "cohorts": "Cohorts", "attribution": "Attribution",
		"experiments": "Experiments", "guards": "Guards", "mail": "Mail",
	}
	for _, key := range slices.Sorted(maps.Keys(doc.Properties)) {
		section := "Project"
		if s, ok := own[key]; ok {
			section = s
		}
		all(section, properties{key: doc.Properties[key]})
	}
	of := map[string]string{
		"attribution.Definition": "Attribution", "cohorts.Definition": "Cohorts", "config.Acquisition": "Project", "config.Signup": "Project",
		"config.Mail": "Mail", "config.Revenue": "Project", "experiments.Definition": "Experiments", "experiments.Metric": "Experiments",
		"experiments.Cap": "Experiments", "experiments.Cost": "Experiments", "experiments.Cuped": "Experiments", "experiments.Margin": "Experiments",
		"experiments.Multiplicity": "Experiments", "experiments.Part": "Experiments", "experiments.Stopping": "Experiments", "experiments.Thresholds": "Experiments",
		"funnel.Breakdown": "Funnels", "funnel.Condition": "Funnels", "funnel.Definition": "Funnels", "funnel.Exclusion": "Funnels",
		"funnel.Step": "Funnels", "funnel.Trend": "Funnels", "ingest.Mapped": "Sources", "ingest.Source": "Sources",
	}
	for name, def := range doc.Defs {
		section, ok := of[name]
		if !ok {
			t.Errorf("docs/configuration.md has no section for %s", name)
			continue
		}
		all(section, def.Properties)
	}
	for name := range guards {
		want("Guards", name)
	}
	for _, table := range schema.Inputs() {
		for _, c := range table.Columns {
			name := "`" + c.Name + "`"
			if c.Required {
				name = "**" + name + "**"
			}
			if row := rowOf(sections["Sources"], table.Name); !strings.Contains(row, name) {
				t.Errorf("docs/configuration.md: kind %s does not list %s", table.Name, name)
			}
		}
	}
}

// rowOf returns the last row of a table that begins with the name: the tables of keys come first.
func rowOf(text, name string) string {
	row := ""
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "| `"+name+"` |") {
			row = line
		}
	}
	return row
}

// TestManual_examplesLoad loads every example of the page, alone and as it stands.
func TestManual_examplesLoad(t *testing.T) {
	n := 0
	for section, body := range manual(t) {
		for i, block := range strings.Split(body, "```yaml\n")[1:] {
			text, _, _ := strings.Cut(block, "```")
			if !strings.Contains(text, "version: 1\n") {
				text = "version: 1\n" + text
			}
			dir := write(t, fmt.Sprintf("-- vouch.yaml --\n%s\n-- sources.yaml --\nmargin: 1\n-- experiments.yaml --\ncurrency: EUR\n", text))
			if _, err := Load(dir, os.Getenv); err != nil {
				t.Errorf("section %q, example %d: %v", section, i+1, err)
			}
			n++
		}
	}
	if n < 8 {
		t.Errorf("%d examples were found", n)
	}
}
