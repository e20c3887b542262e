package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestSchema_committedCopy keeps docs/vouch.schema.json, which editors load, equal to the types.
func TestSchema_committedCopy(t *testing.T) {
	golden(t, filepath.Join("..", "..", "docs", "vouch.schema.json"), string(Schema()))
	if !bytes.Equal(Schema(), Schema()) {
		t.Error("two calls differ")
	}
}

// TestNotes_complete: every key of the file has a description, and no description is of a key that
// no longer exists.
func TestNotes_complete(t *testing.T) {
	left := maps.Clone(notes)
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] {
			return
		}
		seen[typ] = true
		names, index := keys(typ)
		for _, name := range names {
			key := typeKey(typ) + "." + name
			n, ok := notes[key]
			if !ok || !strings.HasSuffix(n.doc, ".") {
				t.Errorf("%s has no sentence in notes", key)
			}
			delete(left, key)
			walk(typ.Field(index[name]).Type)
		}
	}
	walk(reflect.TypeFor[Config]())
	for _, key := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("note of %s, which does not exist", key)
	}
}

// TestSchema_allowedValuesLoad writes every allowed value of the schema into a file, in a setting
// where it makes sense: what an editor offers must load. A value the domain packages drop, or a new
// list of values without a setting here, fails.
func TestSchema_allowedValuesLoad(t *testing.T) {
	type properties map[string]struct{ Enum []string }
	var doc struct {
		Properties properties
		Defs       map[string]struct{ Properties properties } `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{
		"ingest.Source.kind":                              "sources: [{name: s, kind: $, files: a.csv}]",
		"ingest.Source.format":                            "sources: [{name: s, kind: events, files: a.csv, format: $}]",
		"ingest.Source.unit":                              "sources: [{name: s, kind: events, files: a.csv, unit: $}]",
		"ingest.Mapped.unit":                              "sources: [{name: s, kind: events, files: a.csv, map: {amount_minor: {column: a, unit: $}}}]",
		"funnel.Definition.order":                         "funnels: {f: {steps: [a, b], order: $}}",
		"funnel.Definition.ties":                          "funnels: {f: {steps: [a, b], ties: $}}",
		"funnel.Definition.entry":                         "funnels: {f: {steps: [a, b], entry: $}}",
		"funnel.Definition.counting":                      "funnels: {f: {steps: [a, b], counting: $}}",
		"funnel.Definition.unit":                          "funnels: {f: {steps: [a, b], unit: $}}",
		"funnel.Definition.late":                          "funnels: {f: {steps: [a, b], late: $}}",
		"funnel.Condition.op":                             `funnels: {f: {steps: [a, {name: b, any_of: [[{field: prop.x, op: "$", value: y}]]}]}}`,
		"funnel.Exclusion.policy":                         "funnels: {f: {steps: [a, b], exclusions: [{event: x, from: 0, to: 1, policy: $}]}}",
		"funnel.Breakdown.attribution":                    "funnels: {f: {steps: [a, b], by: {property: channel, attribution: $}}}",
		"funnel.Trend.interval":                           "funnels: {f: {steps: [a, b], trend: {interval: $}}}",
		"cohorts.Definition.by":                           "cohorts: {c: {by: $}}",
		"cohorts.Definition.age":                          "cohorts: {c: {by: month, age: $}}",
		"cohorts.Definition.group":                        "cohorts: {c: {group: $}}",
		"attribution.Definition.model":                    "attribution: {a: {conversion: x, touches: [y], model: $}}",
		"attribution.Definition.by":                       "attribution: {a: {conversion: x, touches: [y], by: $}}",
		"experiments.Definition.source":                   experiment("source: $, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Metric.kind":                         experiment("metrics: [{name: m, kind: $, event: e, role: primary}]"),
		"experiments.Metric.kind=ratio":                   experiment("metrics: [{name: m, kind: $, event: e, per: {event: f}, role: primary}]"),
		"experiments.Metric.kind=time_to_event":           experiment("metrics: [{name: m, kind: $, event: e, window: 7d, role: primary}]"),
		"experiments.Metric.kind=quantile":                experiment("metrics: [{name: m, kind: $, event: e, quantile: 0.5, role: primary}]"),
		"experiments.Part.value":                          experiment("metrics: [{name: m, kind: ratio, event: e, per: {event: f, value: $}, role: primary}]"),
		"experiments.Stopping.rule":                       experiment("stopping: {rule: $, units: 5}, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Stopping.rule=group_sequential":      experiment("stopping: {rule: $, units: 5, looks: 2}, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Stopping.spending":                   experiment("stopping: {rule: group_sequential, units: 5, looks: [0.5, 1], spending: $}, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Stopping.spending=kim_demets":        experiment("stopping: {rule: group_sequential, units: 5, looks: 2, spending: $, parameter: 3}, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Stopping.spending=hwang_shih_decani": experiment("stopping: {rule: group_sequential, units: 5, looks: 2, spending: $, parameter: -4}, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Multiplicity.primary":                experiment("multiplicity: {primary: $}, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Multiplicity.secondary":              experiment("multiplicity: {secondary: $}, metrics: [{name: m, kind: mean, event: e, role: primary}]"),
		"experiments.Metric.value":                        experiment("metrics: [{name: m, kind: mean, value: $, event: e, role: primary}]"),
		"experiments.Metric.role":                         experiment("metrics: [{name: m, kind: mean, event: e, role: primary}, {name: n, kind: mean, event: e, role: $}]"),
		"config.Mail.tls":                                 "mail: {tls: $}",
		"funnel.Breakdown.attribution=step":               "funnels: {f: {steps: [a, b], by: {property: channel, attribution: $, step: 2}}}",
	}
	try := func(key string, values []string, setting string) {
		for _, v := range values {
			text := setting
			if special, ok := settings[key+"="+v]; ok {
				text = special
			}
			if text == "" {
				t.Errorf("no setting for the values of %s", key)
				return
			}
			text = strings.ReplaceAll(text, "$", v)
			if _, err := Load(write(t, "-- vouch.yaml --\nversion: 1\n"+text+"\n"), os.Getenv); err != nil {
				t.Errorf("%s\n%v", text, err)
			}
		}
	}
	for key, p := range doc.Properties {
		try(key, p.Enum, key+": $")
	}
	for name, def := range doc.Defs {
		for key, p := range def.Properties {
			try(name+"."+key, p.Enum, settings[name+"."+key])
		}
	}
}

// experiment is a valid experiment with more keys.
func experiment(more string) string {
	return "experiments: {e: {control: a, weights: {a: 1, b: 1}, " + more + "}}"
}
