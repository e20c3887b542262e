package calc

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// extremes are numbers that a method may be asked with: ends of the ranges of integers and floating
// point, subnormals, and values whose squares overflow or vanish.
var extremes = []json.Number{
	"0", "1", "-1", "2", "0.5", "0.9999", "1e-9", "1e-320", "-1e-320", "1e-300", "1e-160", "1e30", "1e160", "1e308", "-1e308", "1.7976931348623157e308",
	"9223372036854775807", "-9223372036854775808", "1000000000000000000", "9007199254740993", "4611686018427387904", "100000000",
}

// numbersOf returns where the numbers of a JSON value stand.
func numbersOf(v any, at []any) [][]any {
	switch x := v.(type) {
	case json.Number:
		return [][]any{slices.Clone(at)}
	case []any:
		var out [][]any
		for i, item := range x {
			if i < 3 { // the entries of a list are alike
				out = append(out, numbersOf(item, append(slices.Clone(at), i))...)
			}
		}
		return out
	case map[string]any:
		var out [][]any
		for _, k := range slices.Sorted(maps.Keys(x)) {
			out = append(out, numbersOf(x[k], append(slices.Clone(at), k))...)
		}
		return out
	}
	return nil
}

// replaced returns a copy of a JSON value with another number at a place.
func replaced(v any, at []any, n json.Number) any {
	if len(at) == 0 {
		return n
	}
	switch x := v.(type) {
	case []any:
		out := slices.Clone(x)
		i := at[0].(int)
		out[i] = replaced(x[i], at[1:], n)
		return out
	case map[string]any:
		out := maps.Clone(x)
		k := at[0].(string)
		out[k] = replaced(x[k], at[1:], n)
		return out
	}
	return v
}

// further are questions of methods that testdata does not ask, and such as have failed.
var further = []struct{ method, input string }{
	{"cluster.difference.jackknife", `{"control":{"sums":[1,2,4],"sizes":[3,4,5]},"treatment":{"sums":[2,2,5],"sizes":[3,3,5]},"confidence":0.95}`},
	{"moments.merge", `{"parts":[{"n":10,"mean":1,"variance":2},{"n":20,"mean":3,"variance":4}]}`},
	{"multiplicity.holm_sidak", `{"p_values":[0.01,0.02,0.5]}`},
	{"multiplicity.hommel", `{"p_values":[0.01,0.02,0.5]}`},
	{"numeric.chi_square.survival", `{"x":3.84,"df":1}`},
	{"numeric.f.survival", `{"x":4,"df1":2,"df2":30}`},
	{"proportion.difference.welch", `{"control":{"successes":3,"trials":40},"treatment":{"successes":9,"trials":41},"confidence":0.95}`},
	{"ratio.covariance.delta", `{"mean_a":1,"mean_b":2,"mean_c":3,"mean_d":4,"cov_ac":0.1,"cov_ad":0.2,"cov_bc":0.3,"cov_bd":0.4}`},
	{"ratio.difference.delta", `{"control":` + aRatio + `,"treatment":` + aRatio + `,"confidence":0.95}`},
	{"ratio.lift.delta", `{"control":` + aRatio + `,"treatment":` + aRatio + `,"confidence":0.95}`},
	{"referral.ltv_per_conversion", `{"ltv":{"mean":12.5,"variance":30,"n":200},"conversions":{"successes":20,"trials":100}}`},
	{"srm.exact_binomial", `{"observed":[498,502],"weights":[1,1]}`},
	{"mean.lift.delta", `{"control":{"n":2507,"mean":1e-320,"variance":14.6},"treatment":{"n":2461,"mean":0.78,"variance":37.8},"confidence":0.95}`},
	{"mean.lift.delta", `{"control":{"n":2507,"mean":0.5,"variance":14.6},"treatment":{"n":2461,"mean":-1e308,"variance":37.8},"confidence":0.95}`},
	{"mean.difference.welch", `{"control":{"n":2507,"mean":-1.7e308,"variance":14.6},"treatment":{"n":2461,"mean":1.7e308,"variance":1e308},"confidence":0.95}`},
	{"power.mid_experiment", `{"control":{"n":2507,"mean":1e-320,"variance":14.6},"treatment":{"n":2461,"mean":0.78,"variance":37.8},"confidence":0.95,"target_lift":0.05,"power":0.8}`},
	{"quantile.interval.order_statistic", `{"n":9223372036854775807,"quantile":0.5,"confidence":0.95}`},
	{"numeric.student_t.tail", `{"x":40,"df":1e-320}`},
	{"proportion.interval.wilson", `{"successes":3,"trials":1000000000000000000,"confidence":0.9999}`},
	{"proportion.interval.jeffreys", `{"successes":3,"trials":1000000000000000000,"confidence":0.9999}`},
	{"proportion.interval.mid_p", `{"successes":3,"trials":1000000000000000000,"confidence":0.9999}`},
	{"proportion.interval.clopper_pearson", `{"successes":4000000000000000000,"trials":9000000000000000000,"confidence":0.9999}`},
	{"proportion.interval.mid_p", `{"successes":4000000000000000000,"trials":9000000000000000000,"confidence":0.9999}`},
	{"cpa.interval", `{"cost":500000,"acquisitions":1e30,"level":0.95}`},
	{"power.cluster.design_effect", `{"mean_cluster_size":10,"icc":-1}`},
}

const aRatio = `{"n":1000,"mean_numerator":5,"mean_denominator":4,"var_numerator":3,"var_denominator":2,"covariance":1}`

// slow methods integrate twice for each answer; of their questions some are asked.
var slow = map[string]int{"multiplicity.dunnett": 60, "multiplicity.dunnett.critical_value": 30, "power.mean.sample_size": 2}

// questions yields the questions of testdata with one number replaced by each extreme, and with two
// replaced by pairs drawn from a fixed seed.
func questions(t *testing.T, ask func(method string, input any)) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", "cases", "*.jsonl"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	draw := rand.New(rand.NewPCG(20261116, 7))
	asked := map[string]int{}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(b))
		lines.Buffer(nil, len(b)+1)
		for lines.Scan() {
			var c struct {
				Method string
				Input  any
			}
			if err := decodeNumbers(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			places := numbersOf(c.Input, nil)
			// A method with many cases is asked in fewer ways by each.
			if asked[c.Method]++; len(places) > 24 {
				places = places[:24]
			}
			if asked[c.Method] > 4 {
				continue
			}
			ask(c.Method, c.Input)
			for _, p := range places {
				for _, n := range extremes {
					ask(c.Method, replaced(c.Input, p, n))
				}
			}
			for range 40 * min(1, len(places)) {
				in := c.Input
				for range 2 + draw.IntN(2) {
					in = replaced(in, places[draw.IntN(len(places))], extremes[draw.IntN(len(extremes))])
				}
				ask(c.Method, in)
			}
		}
	}
	for _, c := range further {
		in, err := parse([]byte(c.input))
		if err != nil {
			t.Fatal(err)
		}
		asked[c.method]++
		ask(c.method, in)
		for _, p := range numbersOf(in, nil) {
			for _, n := range extremes {
				ask(c.method, replaced(in, p, n))
			}
		}
	}
	for _, m := range Methods() {
		if asked[m.Name] == 0 {
			t.Errorf("no case asks %s", m.Name)
		}
	}
}

// Whatever is asked, an answer holds numbers that are numbers, probabilities that are probabilities
// and limits around their estimate; or it says why there is none. A method that does not come to an
// end fails by the time limit of the test.
func TestMethods_extremeInputs(t *testing.T) {
	c := &calculator{methods: byName(Methods())}
	defer func() {
		if err := c.tables.Close(); err != nil {
			t.Error(err)
		}
	}()
	n, failures := 0, map[string]int{}
	questions(t, func(method string, input any) {
		line, err := json.Marshal(map[string]any{"id": 1, "method": method, "input": input})
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%max(1, slow[method]) != 0 {
			return
		}
		why := judgeLine(t, c, method, input, line)
		if why == "" {
			return
		}
		if failures[method]++; failures[method] <= 3 {
			t.Errorf("%s\n\t%.400s", why, line)
		}
	})
	for _, m := range slices.SortedFunc(maps.Keys(failures), cmp.Compare) {
		t.Logf("%s: %d failures", m, failures[m])
	}
	t.Logf("%d questions", n)
}

// judgeLine asks a question and says what is wrong with the answer, "" if nothing is.
func judgeLine(t *testing.T, c *calculator, method string, input any, line []byte) string {
	t.Helper()
	_, result, err := c.ask(t.Context(), line)
	if err != nil {
		if e := (*Error)(nil); !errors.As(err, &e) || e.Code == CodeInternal {
			return err.Error()
		}
		return ""
	}
	return judgeAnswer(t, judge{method, lowLevel(input)}, result)
}

// lowLevel reports whether the input asks for a level below one half: there the limits may leave the
// estimate out by their definition, one-sided ones and those around the median of a distribution.
func lowLevel(input any) bool {
	m, ok := input.(map[string]any)
	if !ok {
		return false
	}
	for _, k := range []string{"confidence", "level"} {
		if f, ok := caseNumber(m[k]); ok && f < 0.5 {
			return true
		}
	}
	return false
}

// judge knows what may be expected of an answer.
type judge struct {
	method string
	low    bool
}

// judgeAnswer says what is wrong with an answer, "" if nothing is.
func judgeAnswer(t *testing.T, j judge, result any) string {
	t.Helper()
	body, err := encode(result)
	if err != nil {
		return err.Error()
	}
	var tree any
	if err := decodeNumbers(body, &tree); err != nil {
		return err.Error()
	}
	return j.tree("", tree)
}

// probabilities are the fields that hold probabilities, or lists of them.
var probabilities = []string{
	"p", "p_value", "p_values", "p_adjusted", "adjusted", "coverage", "power", "adjusted_power", "share", "shares", "rate", "posterior_mean",
}

func (j judge) tree(path string, v any) string {
	switch x := v.(type) {
	case []any:
		for i, item := range x {
			if why := j.tree(fmt.Sprintf("%s[%d]", path, i), item); why != "" {
				return why
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if k == "p" && strings.HasPrefix(j.method, "ltv.gamma_gamma.") {
				continue // a shape
			}
			if f, ok := caseNumber(x[k]); ok && (slices.Contains(probabilities, k) || strings.HasPrefix(k, "p_")) && !(f >= 0 && f <= 1) {
				return fmt.Sprintf("%s: %s%s is %v", j.method, path, k, x[k])
			}
			if why := j.tree(path+k+".", x[k]); why != "" {
				return why
			}
		}
		return j.limits(path, x)
	}
	return ""
}

// judgeLimits checks lower ≤ estimate ≤ upper, as far as they are there.
func (j judge) limits(path string, x map[string]any) string {
	below := func(a, b string) string {
		f, okF := caseNumber(x[a])
		g, okG := caseNumber(x[b])
		if okF && okG && f > g {
			return fmt.Sprintf("%s: %s%s %v is above %s %v", j.method, path, a, x[a], b, x[b])
		}
		return ""
	}
	why := cmp.Or(below("lower", "upper"), below("count_lower", "count_upper"), below("lower_rank", "upper_rank"), j.whyNull(path, x))
	// Agresti's intervals stand around another centre than the share itself.
	if why != "" || j.low || strings.Contains(j.method, ".agresti") {
		return why
	}
	return cmp.Or(below("lower", "estimate"), below("estimate", "upper"), below("lower", "cpa"), below("cpa", "upper"))
}

// whyNull checks that an answer without an estimate says why.
func (j judge) whyNull(path string, x map[string]any) string {
	reason, has := x["reason"]
	if e, ok := x["estimate"]; ok && e == nil && (!has || reason == nil || reason == "") {
		return fmt.Sprintf("%s: %sestimate is null without a reason", j.method, path)
	}
	return ""
}

// The answers to questions that once panicked, hung or contradicted themselves.
func TestMethods_repaired(t *testing.T) {
	for _, c := range []struct{ method, input, want string }{
		{"mean.lift.delta", `{"control":{"n":2507,"mean":1e-320,"variance":14.6},"treatment":{"n":2461,"mean":0.78,"variance":37.8}}`, `"reason":"out_of_range"`},
		{"power.mid_experiment", `{"control":{"n":2507,"mean":1e-320,"variance":14.6},"treatment":{"n":2461,"mean":0.78,"variance":37.8},"target_lift":0.05,"power":0.8}`, `"reason":"out_of_range"`},
		{"quantile.interval.order_statistic", `{"n":9223372036854775807,"quantile":0.5,"confidence":0.95}`, `"coverage":0.95`},
		{"numeric.student_t.tail", `{"x":40,"df":1e-320}`, `{"p":0.5}`},
		{"power.cluster.design_effect", `{"mean_cluster_size":10,"icc":-1}`, `invalid_input`},
		{"power.cluster.design_effect", `{"mean_cluster_size":10,"icc":-0.05}`, `{"design_effect":0.55}`},
		{"noninferiority.tost", `{"control":{"n":9,"mean":1,"variance":1},"treatment":{"n":9,"mean":1,"variance":1},"margin":1,"confidence":0.4}`, `invalid_input`},
		{"cluster.difference.cr1", `{"control":{"values":[1,2,3],"clusters":["a","b"]},"treatment":{"values":[1],"clusters":["c"]}}`, `control: 3 values and 2 clusters`},
	} {
		var out bytes.Buffer
		if err := Run(t.Context(), false, strings.NewReader(`{"id":1,"method":"`+c.method+`","input":`+c.input+`}`), &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%s %s\n\tgives %s\twant %s", c.method, c.input, out.String(), c.want)
		}
	}
}

// A mistake in several places is told about the first one, always the same.
func TestAttribution_equalMistakesEqualWords(t *testing.T) {
	for range 40 {
		_, err := tableInput{Paths: []json.RawMessage{[]byte(`["a"]`), []byte(`["b"]`)}, Conversions: []json.Number{"1"}, Values: []int64{1}}.table([][]float64{{1}})
		if err == nil || err.Error() != "conversions: 1 entries for 2 paths" {
			t.Fatalf("%v", err)
		}
	}
}
