package cli

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/internal/ingest"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
	"vouch/reports"
)

// TestJSONDoc_namesEveryField reads docs/json-output.md and wants every field that a command can
// print named, in backquotes, in the section of that command.
func TestJSONDoc_namesEveryField(t *testing.T) {
	text, err := os.ReadFile("../../docs/json-output.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := sectionsOf(string(text))
	for section, typ := range map[string]reflect.Type{
		"Envelope":    reflect.TypeFor[envelope](),
		"Estimate":    reflect.TypeFor[referral.Estimate](),
		"load":        reflect.TypeFor[ingest.Report](),
		"funnel":      reflect.TypeFor[funnel.Result](),
		"cohorts":     reflect.TypeFor[cohorts.Result](),
		"experiment":  reflect.TypeFor[experiments.Result](),
		"attribution": reflect.TypeFor[attribution.Result](),
		"partners":    reflect.TypeFor[partners.Result](),
		"partner":     reflect.TypeFor[partnerAnswer](),
		"weekly":      reflect.TypeFor[reports.Weekly](),
	} {
		body, ok := sections[section]
		if !ok {
			t.Errorf("docs/json-output.md has no section %q", section)
			continue
		}
		for _, f := range fieldsOf(typ, map[reflect.Type]bool{}) {
			if !strings.Contains(body, "`"+f+"`") {
				t.Errorf("docs/json-output.md, section %s: field `%s` is not described", section, f)
			}
		}
	}
}

// sectionsOf splits a document at its level-two headings; a heading is known by its first word.
func sectionsOf(text string) map[string]string {
	out := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n## ")[1:] {
		head, body, _ := strings.Cut(part, "\n")
		out[strings.Trim(strings.Fields(head)[0], "`")] = body
	}
	return out
}

// fieldsOf lists the JSON names of a type and of everything below it except the shared parts, which
// have sections of their own.
func fieldsOf(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || t.PkgPath() == "time" {
		return nil
	}
	shared := t == reflect.TypeFor[referral.Estimate]() || t == reflect.TypeFor[referral.Finding]()
	if shared && len(seen) > 0 {
		return nil
	}
	seen[t] = true
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		out = append(out, name)
		out = append(out, fieldsOf(f.Type, seen)...)
	}
	return out
}
