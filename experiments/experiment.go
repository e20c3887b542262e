package experiments

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"vouch/internal/engine"
	"vouch/internal/stats"
	"vouch/referral"
)

// arm is one variant as it was read: its units and what is known of every metric.
type arm struct {
	name    string
	weight  float64
	n       int64 // analysed units
	mature  int64 // units whose outcome window is closed
	metrics []outcome
	// money are the sums of contribution, rewards, commission and newly acquired customers over mature units, in
	// millionths of minor units and of customers.
	money  joint
	hasNet bool // money was seen in some arm
}

// Variables of an arm's money.
const (
	moneyContribution = iota
	moneyRewards
	moneyCommission
	moneyCustomers
	moneyVariables
)

// outcome is one metric in one arm.
type outcome struct {
	stats.Moments       // of the value y, over the units whose window of this metric is closed
	joint         joint // the sums behind them; of no variables where the arm came as mean and variance
	uncapped      joint // variable y without the cap; empty without one
	capAt         float64
	capped        int64   // units above the cap
	valueless     int64   // events of the metric without an amount in the project's currency
	largest       float64 // value of a mean or denominator of a ratio: that of the unit with most
	missing       bool    // the source says nothing about this metric in this arm

	spread []count // of a quantile: units by value, rising
	// times of a proportion with a window and of time_to_event: units by seconds since exposure until the event
	// or, censored, until last seen; over all analysed units, open windows too.
	times    []stats.Lifetime
	clusters stats.Clusters // of a ratio in arms of few units: numerator and denominator per unit
}

// count is a number of units that share a value.
type count struct {
	value float64
	units int64
}

// cell is the finest grain that is read: one arm, stratum and local day of first exposure.
type cell struct {
	arm       int // index in the plan
	stratum   string
	day       string
	n, mature int64
	metrics   []joint // like outcome.joint
}

// read is what every kind of source yields.
type read struct {
	arms         []arm  // in the order of the plan, control first
	cells        []cell // empty where the source has no grain below the arm
	hygiene      Hygiene
	interference *Interference
	novelty      []noveltyCell
	from, to     string
	seconds      float64 // from the first exposure to as-of or the last one, whichever is earlier: for units a month
	findings     []referral.Finding
}

// noveltyCell are the sums of the first primary metric on one day since exposure, over the units of an arm that
// were seen for all of that day.
type noveltyCell struct {
	arm, day int
	joint
}

// Compute reads out an experiment as of scope.AsOf.
//
// The definition must be valid (its problems are the error otherwise). Weak or broken data are no
// error: they are findings, reasons and the verdict.
func Compute(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (Result, error) {
	r, err := readSource(ctx, db, def, scope)
	if err != nil {
		return Result{}, err
	}
	res, err := judge(def, scope, r)
	if err != nil {
		return Result{}, fmt.Errorf("experiment %s: %w", def.Name, err)
	}
	return res, nil
}

// emptyArms lists the variants of the plan before anything is known of them.
func (d Definition) emptyArms() []arm {
	var out []arm
	for _, v := range d.variants() {
		w, _ := weight(d.Weights[v])
		f, _ := w.Float64()
		out = append(out, arm{name: v, weight: f, metrics: make([]outcome, len(d.Metrics)), money: newJoint(moneyVariables)})
	}
	return out
}

// successes are the units of a share that have the outcome, as counts.
func (o outcome) successes() stats.Counts {
	return stats.Counts{Successes: o.joint.sum[0].Int64(), Trials: o.N}
}

func localDay(micros int64, c referral.Calendar) string {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return time.UnixMicro(micros).In(zone).Format(time.DateOnly)
}

// judge turns arms into the read-out.
func judge(def Definition, scope referral.Scope, r read) (Result, error) {
	res := Result{
		Name: def.Name, Unit: cmp.Or(def.Unit, UnitPerson), Control: def.Control, Currency: scope.Currency,
		From: r.from, To: r.to, Confidence: confidence(def, scope), Hygiene: r.hygiene,
		Arms: []Arm{}, Metrics: []MetricResult{},
	}
	total := 0.0
	for _, a := range r.arms {
		total += a.weight
	}
	for _, a := range r.arms {
		res.Arms = append(res.Arms, Arm{Variant: a.name, N: a.n, Mature: a.mature, Share: a.weight / total})
	}
	var err error
	if res.SRM, err = srm(r.arms); err != nil {
		return res, err
	}
	if res.SplitBy, err = splitBy(def, r); err != nil {
		return res, err
	}
	res.Stopping = def.stopping(r.arms)
	var found []referral.Finding
	if res.Metrics, found, err = compareAll(def, r, res.Confidence); err != nil {
		return res, err
	}
	def.describe(res.Metrics)
	res.Families, res.Window = def.families(), def.windowText()
	j := judgement{def: def, arms: r.arms, seconds: r.seconds, res: &res}
	if res.Money, j.gains, err = moneyOf(def, r.arms, res.Confidence); err != nil {
		return res, err
	}
	if res.Factorial, err = factorial(def, r.arms, res.Confidence); err != nil {
		return res, err
	}
	res.Interference = r.interference
	if res.Novelty, err = noveltyDays(def, r, res.Confidence); err != nil {
		return res, err
	}
	res.Verdict, err = j.verdict()
	if err != nil {
		return res, err
	}
	if res.Verdict.Action == ActionInvalid {
		for i := range res.Metrics {
			for k := range res.Metrics[i].Comparisons {
				res.Metrics[i].Comparisons[k].Decision = DecisionInvalid
			}
		}
	}
	fs, err := j.findings(r)
	if err != nil {
		return res, err
	}
	res.Findings = referral.SortFindings(slices.Concat(fs, found, r.findings))
	return res, nil
}

// confidence is the level of the definition, else of the run, else 0.95.
func confidence(def Definition, scope referral.Scope) float64 {
	return cmp.Or(def.Confidence, scope.Confidence, 0.95)
}
