package cli

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"vouch/experiments"
)

// powerOf runs power with JSON output.
func powerOf(t *testing.T, args ...string) powerPlan {
	t.Helper()
	code, out, stderr := run(t, append(append([]string{"power"}, args...), "--format", "json")...)
	if code != exitOK {
		t.Fatalf("%v: code %d, %s", args, code, stderr)
	}
	var e struct{ Result powerPlan }
	if err := json.Unmarshal([]byte(out), &e); err != nil {
		t.Fatal(err)
	}
	return e.Result
}

// A plan from an experiment starts from what its control showed: the same plan comes of those numbers as flags.
func TestPower_fromExperiment(t *testing.T) {
	dir := small(t)
	if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
		t.Fatal(stderr)
	}
	p := powerOf(t, "--experiment", "reward", "--lift", "0.4", "--project", dir)
	o := p.Observed
	if o == nil || o.Experiment != "reward" || o.Metric != "paid" || o.MeasuredIn != experiments.InShares || o.N < 2 {
		t.Fatalf("observed %+v", o)
	}
	if math.Abs(o.Mean-p.Baseline) > 1e-12 || math.Abs(o.Variance-o.Mean*(1-o.Mean)*float64(o.N)/float64(o.N-1)) > 1e-12 {
		t.Errorf("a share of %v with a variance of %v over %d units", o.Mean, o.Variance, o.N)
	}
	again := experiments.Question{
		Share: true, Baseline: o.Mean, Effect: &p.Effect, Power: 0.8, Confidence: p.Confidence, Arms: p.Arms, Metrics: 1, Guardrails: p.Guardrails,
		Looks: p.Looks, Spending: p.Spending, ClusterSize: 1, VarianceReduction: p.Reduction, Correction: experiments.CorrectBonferroni,
	}
	if want, err := again.Answer(); err != nil || want.Units != p.Units {
		t.Errorf("%d units, by flags %d (%v)", p.Units, want.Units, err)
	}
	if o.PerDay != nil && (p.Days != int64(math.Ceil(float64(p.AllUnits) / *o.PerDay - 1e-9)) || p.DaysToRead != p.Days+int64(math.Ceil(o.WindowDays))) {
		t.Errorf("%d and %d days for %d units at %v a day and a window of %v days", p.Days, p.DaysToRead, p.AllUnits, *o.PerDay, o.WindowDays)
	}
	if q := powerOf(t, "--experiment", "reward", "--lift", "0.4", "--power", "0.9", "--arms", "3", "--per-day", "10", "--project", dir); q.Power != 0.9 || q.Arms != 3 || q.Units <= p.Units || q.Days != int64(math.Ceil(float64(q.AllUnits)/10)) {
		t.Errorf("flags do not replace what the experiment says: %+v", q.Plan)
	}
	for _, c := range []struct{ args, want string }{
		{"--experiment reward --metric nope --lift 0.1", "has no metric"}, {"--experiment nope --lift 0.1", "reward"}, {"--experiment reward --baseline 0.1 --lift 0.1", "leave --baseline out"},
	} {
		if code, _, stderr := run(t, append(append([]string{"power"}, strings.Fields(c.args)...), "--project", dir)...); code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: code %d, %s", c.args, code, stderr)
		}
	}
}

func TestExperiment_listsAll(t *testing.T) {
	dir := small(t)
	if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
		t.Fatal(stderr)
	}
	code, out, _ := run(t, "experiment", "--project", dir)
	if code != exitOK || !strings.Contains(out, "reward") || !strings.Contains(out, "verdict") {
		t.Errorf("code %d:\n%s", code, out)
	}
	code, out, _ = run(t, "experiment", "--project", dir, "--format", "json")
	var e struct {
		Schema string
		Result experimentList
	}
	if err := json.Unmarshal([]byte(out), &e); err != nil || code != exitOK || e.Schema != "vouch.experiment.list/1" || len(e.Result.Experiments) != 1 {
		t.Errorf("code %d, %v: %s", code, err, out)
	}
	if code, _, stderr := run(t, "experiment", "a", "b", "--project", dir); code != exitUsage || !strings.Contains(stderr, "at most 1 argument") {
		t.Errorf("two names: code %d, %s", code, stderr)
	}
}
