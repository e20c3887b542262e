package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouch/funnel"
	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

// fuzzedEvents is a small world that every definition can be asked of.
const fuzzedEvents = `event_id,person_id,event,occurred_at,partner_id,referrer_id,referral_code,channel,order_id,amount_minor,plan
1,p,a,2026-03-01T10:00:00Z,acme,r,k1,web,o1,100,pro
2,p,b,2026-03-01T10:00:00Z,acme,r,k1,web,o1,,pro
3,p,a,2026-03-02T10:00:00Z,birch,r,k2,mail,,,basic
4,p,x,2026-03-02T11:00:00Z,,,,,,,
5,p,b,2026-03-02T12:00:00Z,birch,r,k2,,o2,250,
6,p,c,2026-03-05T10:00:00Z,birch,,,web,o2,900,pro
7,q,a,2026-03-03T10:00:00Z,acme,p,k1,web,o3,,pro
8,q,c,2026-03-03T10:00:00Z,acme,p,k1,web,o3,40,pro
9,q,b,2026-03-03T10:00:00Z,acme,p,k1,web,o3,,pro
10,s,b,2026-03-04T10:00:00Z,,,,mail,,,
`

// FuzzDefinition: whatever is written under a funnel's name is refused at a place or loads, and what loads
// can be asked of a database: with its views, bare, and for persons. Only the data can still refuse it, as
// problems of the configuration (a property that no event has).
func FuzzDefinition(f *testing.F) {
	for _, text := range []string{
		"steps: [a, b, c]",
		"{steps: [a, {name: mid, event: b, optional: true}, c], window: 7d, tolerance: 2s}",
		"steps: [a, b]\norder: strict\nties: increasing\nreuse: true\nentry: first\ncounting: totals",
		"steps: [a, {event: b, window: 1d, min_gap: 1h}, c]\nwindows: [1d, 2d]\nexclusions: [{event: x, from: 0, to: 2, policy: reset}]",
		"steps:\n- any_of:\n  - [{field: event, op: '=', value: a}, {field: prop.plan, op: '!=', value: 3}]\n  - []\n- {name: b, where: {channel: web}, first_ever: true}\nby: partner_id",
		"steps: [b, a]\norder: unordered\nwindow: 30d\nhold: [referral_code]\nbreakdown: {property: prop.plan, attribution: step, step: 1}\ntrend: day",
		"steps: [a, c]\nunit: order_id\nlate: drop\ntop: 3\nentry_from: 2026-03-01\nentry_to: 2026-04-01T00:00:00Z\nby: cohort.month",
		"steps: []", "window: -1d", "steps: [a, a]", "steps: {a: b}", "exclusions: [{from: 5}]", "\x00", "? [", "&a [*a]",
	} {
		f.Add(text)
	}
	db := ingesttest.Load(f, map[string]string{"events.csv": fuzzedEvents})
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		lines := "version: 1\nacquisition: {event: c}\nfunnels:\n  f:\n    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(dir, os.Getenv)
		if err != nil {
			var ps referral.Problems
			if !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		scope, err := cfg.Scope(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), "")
		if err != nil {
			t.Fatalf("a loaded configuration has no scope: %v", err)
		}
		for name, def := range cfg.Funnels {
			def.Name = name
			if ps := def.Validate(); len(ps) > 0 {
				t.Fatalf("a loaded definition is refused: %v", ps)
			}
			_, full := funnel.Compute(t.Context(), db, def, scope)
			_, bare := funnel.Counts(t.Context(), db, def, scope)
			for _, err := range []error{full, bare} {
				var ps referral.Problems
				if err != nil && !errors.As(err, &ps) {
					t.Fatalf("a definition that loads cannot be computed: %v\n%s", err, lines)
				}
			}
			if (full == nil) != (bare == nil) {
				t.Fatalf("with views: %v; bare: %v", full, bare)
			}
		}
	})
}
