package partners_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/internal/ingest/ingesttest"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
)

// analyses computes every analysis over the same few files; the keys name them. costs adds a cost
// line, and without events nothing is known at all.
func analyses(t *testing.T, events, costs bool) map[string]any {
	t.Helper()
	files := map[string]string{
		"events.csv":   "event_id,person_id,event,occurred_at,partner_id,amount_minor,currency\n",
		"partners.csv": "partner_id,name\nacme,Acme\nbolt,Bolt\n",
		"exposures.csv": "experiment,unit_id,variant,exposed_at\nreward,a,none,2026-03-01T00:00:00Z\n" +
			"reward,b,ten,2026-03-01T00:00:00Z\nreward,c,none,2026-03-01T00:00:00Z\nreward,d,ten,2026-03-01T00:00:00Z\n",
	}
	if events {
		for i, p := range []string{"a", "b", "c", "d", "e"} {
			files["events.csv"] += fmt.Sprintf("s%d,%s,signed_up,2026-03-0%dT08:00:00Z,acme,,\n", i, p, i+2)
			if i != 3 {
				files["events.csv"] += fmt.Sprintf("p%d,%s,purchase,2026-03-%02dT09:00:00Z,,%d,EUR\n", i, p, i+9, 100*(i+1))
			}
		}
	}
	if costs {
		files["costs.csv"] = "partner_id,day,kind,amount_minor\nacme,2026-03-09,fixed,700\n"
	}
	scope := ingesttest.DefaultScope()
	scope.AsOf = time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	db := ingesttest.Load(t, files, ingesttest.Scope(scope))
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	def := funnel.Definition{
		Name: "f", Steps: []funnel.Step{{Name: "signed_up"}, {Name: "purchase"}}, Window: 30 * referral.DayLen,
		Breakdown: &funnel.Breakdown{Property: "partner_id", Attribution: "first_touch"},
	}
	noGroups := funnel.Definition{Name: "g", Steps: def.Steps}
	experiment := experiments.Definition{
		Name: "reward", Control: "none", Weights: map[string]json.Number{"none": "1", "ten": "1"}, Window: 14 * referral.DayLen,
		Metrics: []experiments.Metric{
			{Name: "paid", Kind: experiments.KindProportion, Event: "purchase", Role: experiments.RolePrimary},
			{Name: "revenue", Kind: experiments.KindMean, Event: "purchase"},
		},
	}
	out := map[string]any{}
	keep := func(name string, v any, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = v
	}
	ctx := t.Context()
	f, err := funnel.Compute(ctx, db, def, scope)
	keep("funnel", f, err)
	f, err = funnel.Compute(ctx, db, noGroups, scope)
	keep("funnel without groups and window", f, err)
	f, err = funnel.Counts(ctx, db, def, scope)
	keep("funnel counts", f, err)
	c, err := cohorts.Compute(ctx, db, cohorts.Definition{Name: "c", Group: "partner_id"}, scope)
	keep("cohorts", c, err)
	e, err := experiments.Compute(ctx, db, experiment, scope)
	keep("experiment", e, err)
	a, err := attribution.Compute(ctx, db, attribution.Definition{Name: "a", Conversion: "purchase", Touches: []string{"signed_up"}}, scope)
	keep("attribution", a, err)
	p, err := partners.Compute(ctx, db, scope, attribution.LastTouch)
	keep("partners", p, err)
	w, err := partners.Week(ctx, db, scope)
	keep("weekly", w, err)
	return out
}

// everyWorld runs f over the analyses of a usual project, one without costs, and an empty one.
func everyWorld(t *testing.T, f func(t *testing.T, results map[string]any)) {
	for name, has := range map[string][2]bool{"usual": {true, true}, "no costs": {true, false}, "empty": {false, false}} {
		t.Run(name, func(t *testing.T) { f(t, analyses(t, has[0], has[1])) })
	}
}

func TestResults_methodsAreOfTheList(t *testing.T) {
	seen := map[string]bool{}
	everyWorld(t, func(t *testing.T, results map[string]any) {
		for name, r := range results {
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := json.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			walk(name, v, func(path string, value any) {
				if !strings.HasSuffix(path, ".method") {
					return
				}
				m, _ := value.(string)
				seen[m] = true
				if !referral.KnownMethod(m) {
					t.Errorf("%s: %q is not a method of the list", path, m)
				}
			})
		}
	})
	for _, m := range []string{referral.MethodWilson, referral.MethodNewcombe, referral.MethodWelch, referral.MethodGarwood, referral.MethodKaplanMeier} {
		if !seen[m] {
			t.Errorf("no result uses %s: the walk does not reach it", m)
		}
	}
}

// walk calls f with every value of decoded JSON.
func walk(path string, v any, f func(path string, value any)) {
	f(path, v)
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			walk(path+"."+k, x, f)
		}
	case []any:
		for i, x := range v {
			walk(fmt.Sprintf("%s[%d]", path, i), x, f)
		}
	}
}

func TestResults_listsAreNeverNull(t *testing.T) {
	everyWorld(t, func(t *testing.T, results map[string]any) {
		for name, r := range results {
			lists(t, name, reflect.ValueOf(r))
		}
	})
}

// lists refuses slices that JSON would write as null.
func lists(t *testing.T, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			lists(t, path, v.Elem())
		}
	case reflect.Slice:
		if v.IsNil() {
			t.Errorf("%s encodes as null", path)
		}
		for i := range v.Len() {
			lists(t, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				lists(t, path+"."+f.Name, v.Field(i))
			}
		}
	default: // nothing else holds a list
	}
}

// TestFunnel_fixedFieldsAreAlwaysThere reads keys, not values: what is not computed is null or empty.
func TestFunnel_fixedFieldsAreAlwaysThere(t *testing.T) {
	everyWorld(t, func(t *testing.T, results map[string]any) {
		for name, r := range results {
			if !strings.HasPrefix(name, "funnel") {
				continue
			}
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var keys map[string]json.RawMessage
			if err := json.Unmarshal(data, &keys); err != nil {
				t.Fatal(err)
			}
			for _, k := range []string{"steps", "groups", "time_to_convert", "velocity", "trend", "censoring"} {
				if _, ok := keys[k]; !ok {
					t.Errorf("%s has no %s", name, k)
				}
			}
			if strings.HasSuffix(name, "counts") {
				continue
			}
			var velocity map[string]*float64
			if err := json.Unmarshal(keys["velocity"], &velocity); err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(velocity)); !slices.Equal(got, []string{"0.5", "0.9"}) {
				t.Errorf("%s: velocity has keys %v", name, got)
			}
		}
	})
}
