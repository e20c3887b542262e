package experiments

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vouch/internal/stats"
)

// ErrQuestion says that a plan cannot be made of what was asked.
var ErrQuestion = errors.New("no plan")

// ReasonNeverPays says that no effect earns what the treatment costs.
const ReasonNeverPays = "never_pays"

// Question asks, before an experiment starts, how many units it needs, or what it can find with those it will have.
// Arms are of equal size.
type Question struct {
	// Share says that the metric is a share of units; else a mean with Variance per unit.
	Share    bool
	Baseline float64 // of the control
	Variance float64 // of one unit; of a share it follows from the rates
	// Effect is the difference to find, in the metric's unit; nil asks for the smallest that Units can find.
	Effect *float64
	// Units per arm; 0 asks for the number at which the power is reached.
	Units int64

	Power      float64
	Confidence float64
	Arms       int    // with the control
	Metrics    int    // primary metrics, any of which may ship an arm
	Correction string // over arms and metrics: bonferroni, dunnett (over arms; Bonferroni over metrics), none
	Guardrails int

	Looks     int // equally spaced; 1 is one look at the end
	Spending  string
	Parameter float64

	// ClusterSize is the mean number of members that are randomised together, 1 for none; CV its coefficient of
	// variation, ICC how much the outcomes of members resemble each other.
	ClusterSize, CV, ICC float64
	// VarianceReduction is the share of the variance that a covariate from before the exposure explains.
	VarianceReduction float64

	PerDay float64 // units that arrive each day, over all arms; 0 if unknown
	Price  *Price
}

// Price is what the metric is worth and what the treatment costs, in one unit of money.
type Price struct {
	Value  float64 // of one more unit of the metric
	Margin float64 // share of Value that is contribution
	Reward float64 // paid in the treatment for each unit of the metric, also for those that come anyway
	Cost   float64 // of the treatment per exposed unit
}

// Plan answers a Question. Numbers of units are members where these come in clusters.
type Plan struct {
	Baseline     float64 `json:"baseline"`
	Treatment    float64 `json:"treatment"`
	Effect       float64 `json:"effect"`
	Lift         float64 `json:"lift"`
	SD           float64 `json:"standard_deviation"` // of one unit of the control
	Power        float64 `json:"power"`
	Confidence   float64 `json:"confidence"`
	Arms         int     `json:"arms"`
	Correction   string  `json:"correction"`
	TestLevel    float64 `json:"confidence_per_test"`
	Guardrails   int     `json:"guardrails"`
	TestPower    float64 `json:"power_per_metric"`
	Looks        int     `json:"looks"`
	Spending     string  `json:"spending,omitempty"`
	Inflation    float64 `json:"inflation"`
	DesignEffect float64 `json:"design_effect"`
	Reduction    float64 `json:"variance_reduction"`
	Units        int64   `json:"units_per_arm"`
	AllUnits     int64   `json:"units"`
	Clusters     int64   `json:"clusters_per_arm,omitempty"`
	Days         int64   `json:"days,omitempty"`
	// Reached is the power that the units of the question have; nil where it asked for the units.
	Reached *float64 `json:"power_reached,omitempty"`
	Table   []Need   `json:"table"`
	Payback *Payback `json:"payback,omitempty"`
}

// Need is what one power takes.
type Need struct {
	Power    float64 `json:"power"`
	Units    int64   `json:"units_per_arm"`
	AllUnits int64   `json:"units"`
	Days     int64   `json:"days,omitempty"`
}

// Payback is the smallest effect that pays, and what the planned one is worth.
type Payback struct {
	Effect *float64 `json:"break_even_effect"` // null if no effect pays
	Lift   *float64 `json:"break_even_lift"`
	Units  *int64   `json:"break_even_units_per_arm"` // to find just that effect
	Worth  float64  `json:"worth_per_unit"`           // of the planned effect, per unit of the experiment
	Reason string   `json:"reason,omitempty"`
}

// planner is a question on its way to an answer.
type planner struct {
	Question
	level float64 // confidence of one test
	// inflations by power: each takes many passes over the looks.
	inflations map[float64]float64
}

// Limits beyond which a plan is refused: units of an arm, and days that they take to arrive.
const (
	maxUnits = 1e15
	maxDays  = 1e9
)

// planError is a question that has no answer.
func planError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrQuestion, fmt.Sprintf(format, args...))
}

// check refuses questions that make no sense and fills what was left out.
func (q Question) check() (Question, error) {
	for _, x := range []struct {
		bad  bool
		text string
	}{
		{q.Share && !(q.Baseline > 0 && q.Baseline < 1), "the baseline of a share lies between 0 and 1"},
		{!q.Share && !(q.Variance > 0), "a mean needs a standard deviation above 0"},
		{!finite(q.Baseline, q.Variance, q.ClusterSize, q.CV, q.ICC, q.VarianceReduction, q.PerDay, q.Parameter), "a number is not finite"},
		{q.Price != nil && !finite(q.Price.Value, q.Price.Margin, q.Price.Reward, q.Price.Cost), "value, margin, reward and cost are finite numbers"},
		{!(q.Confidence > 0.5 && q.Confidence < 1), "the confidence lies between 0.5 and 1"},
		{!(q.Power > 0 && q.Power < 1), "the power lies between 0 and 1"},
		{q.Arms < 2 || q.Arms > 1000, "an experiment has 2 to 1000 arms, the control among them"},
		{q.Metrics < 1, "an experiment has at least one primary metric"},
		{q.Guardrails < 0, "the number of guardrails is not below 0"},
		{q.Looks < 1 || q.Looks > 100, "there are 1 to 100 looks"},
		{q.Spending != "" && !slices.Contains(allSpendings, q.Spending), "the spending is one of " + strings.Join(allSpendings, ", ")},
		{q.ClusterSize < 1, "a cluster has at least one member"},
		{q.VarianceReduction < 0 || q.VarianceReduction >= 1, "the share of the variance explained lies from 0 to below 1"},
		{q.PerDay < 0, "the units of a day are not below 0"},
		{q.Units < 0 || q.Units == 1, "a test needs at least two units in each arm"},
		{q.Units > maxUnits, "a million billion units in each arm are enough for any question"},
		{q.Effect == nil && q.Units == 0, "name the effect to find, or the units to find it with"},
	} {
		if x.bad {
			return q, planError("%s", x.text)
		}
	}
	if q.Effect == nil {
		return q, nil
	}
	t := q.Baseline + *q.Effect
	switch {
	case *q.Effect == 0:
		return q, planError("the effect is 0: no number of units finds it")
	case !finite(t):
		return q, planError("the effect is not a finite number")
	case q.Share && !(t > 0 && t < 1):
		return q, planError("the share of the treatment would be %g; it lies between 0 and 1", t)
	}
	return q, nil
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// Answer makes the plan.
//
//	units = n(effect, power per metric, level per test) × design effect × inflation by looks × (1 − variance explained)
//
// n inverts the power of the two-sided test of two means: of shares normal with unpooled variance, of means by noncentral
// t (stats.MeanDesign). The power per metric is that with which success and all guardrails come out right together
// (stats.GuardrailPower), for one given arm.
// Checked against: statsmodels 0.15.0 and rpact 3.3.4, and its own inverse, in plan_test.go.
func (q Question) Answer() (Plan, error) {
	q, err := q.check()
	if err != nil {
		return Plan{}, err
	}
	p := Plan{
		Baseline: q.Baseline, Power: q.Power, Confidence: q.Confidence, Arms: q.Arms, Correction: CorrectNone, Guardrails: q.Guardrails,
		Looks: q.Looks, Reduction: q.VarianceReduction, Table: []Need{},
	}
	if q.Looks > 1 {
		p.Spending = q.Spending
	}
	if (q.Arms-1)*q.Metrics > 1 {
		p.Correction = q.Correction
	}
	x := planner{Question: q, inflations: map[float64]float64{}}
	if x.level, err = q.level(); err != nil {
		return p, err
	}
	p.TestLevel = x.level
	if p.TestPower, err = stats.GuardrailPower(int64(q.Metrics), int64(q.Guardrails), q.Power); err != nil {
		return p, planError("%v", err)
	}
	if p.DesignEffect, err = stats.DesignEffect(q.ClusterSize, q.CV, q.ICC); err != nil {
		return p, planError("%v", err)
	}
	p.SD = math.Sqrt(q.variance(q.Baseline))
	if q.Effect != nil {
		p.Effect = *q.Effect
	} else if p.Effect, err = x.smallest(); err != nil {
		return p, err
	}
	p.Treatment = q.Baseline + p.Effect
	if q.Baseline != 0 {
		p.Lift = p.Effect / math.Abs(q.Baseline)
	}
	if err := x.fill(&p); err != nil {
		return p, err
	}
	return p, p.check()
}

// check refuses a plan that its numbers have outgrown: nothing is planned from an overflow.
func (p Plan) check() error {
	numbers, days := []float64{p.Treatment, p.Effect, p.Lift, p.SD, p.Inflation, p.DesignEffect}, p.Days
	if b := p.Payback; b != nil {
		numbers = append(numbers, b.Worth)
		for _, x := range []*float64{b.Effect, b.Lift} {
			if x != nil {
				numbers = append(numbers, *x)
			}
		}
	}
	for _, n := range p.Table {
		days = max(days, n.Days)
	}
	switch {
	case !finite(numbers...):
		return planError("a number of the plan is too large: the numbers asked with lie too far apart")
	case days > maxDays:
		return planError("the units take more than a billion days to arrive")
	}
	return nil
}

// fill adds units, table and money to a plan whose effect is known.
func (q planner) fill(p *Plan) error {
	need, inflation, err := q.need(p.Effect, p.Power)
	if err != nil {
		return err
	}
	p.Inflation = inflation
	p.Units = need
	if q.Units > 0 {
		p.Units = q.Units
		if p.Reached, err = q.reached(p); err != nil {
			return err
		}
	}
	p.AllUnits, p.Days = q.all(p.Units), q.days(p.Units)
	if q.ClusterSize > 1 {
		p.Clusters = roundUp(float64(p.Units) / q.ClusterSize)
	}
	for _, power := range q.powers() {
		n, _, err := q.need(p.Effect, power)
		if err != nil {
			return err
		}
		p.Table = append(p.Table, Need{Power: power, Units: n, AllUnits: q.all(n), Days: q.days(n)})
	}
	return q.pay(p)
}

// powers are those of the table: a coin's, the usual ones and the one asked for, as far as they exceed the level.
func (q Question) powers() []float64 {
	out := []float64{}
	for _, power := range []float64{0.5, 0.8, 0.9, 0.95} {
		if q.Power < power && (len(out) == 0 || out[len(out)-1] < q.Power) {
			out = append(out, q.Power)
		}
		out = append(out, power)
	}
	if out[len(out)-1] < q.Power {
		out = append(out, q.Power)
	}
	return out
}

func (q Question) all(perArm int64) int64 { return int64(q.Arms) * perArm }

func (q Question) days(perArm int64) int64 {
	if q.PerDay == 0 {
		return 0
	}
	return roundUp(math.Min(float64(q.all(perArm))/q.PerDay, 2*maxDays))
}

// roundUp is the next whole number, but not for rounding noise just above one.
func roundUp(n float64) int64 { return int64(math.Ceil(n - 1e-9*math.Max(1, n))) }

// level is the confidence of one test such that all together keep that of the question.
func (q Question) level() (float64, error) {
	alpha := (1 - q.Confidence) / float64(q.Metrics)
	switch q.Correction {
	case CorrectNone:
		return q.Confidence, nil
	case CorrectBonferroni:
		return 1 - alpha/float64(q.Arms-1), nil
	case CorrectDunnett:
		c, err := stats.DunnettCritical(q.Arms-1, math.Inf(1), 1-alpha, stats.TwoSided)
		if err != nil || c == nil {
			return 0, planError("no critical value of Dunnett's for %d arms", q.Arms)
		}
		return 1 - 2*stats.UpperTail(*c), nil
	}
	return 0, planError("the correction %q is not bonferroni, dunnett or none", q.Correction)
}

// variance of one unit at a mean.
func (q Question) variance(mean float64) float64 {
	if q.Share {
		return mean * (1 - mean)
	}
	return q.Variance
}

// design is the test for an effect.
func (q Question) design(effect, level float64) stats.MeanDesign {
	return stats.MeanDesign{
		VarianceControl: q.variance(q.Baseline), VarianceTreatment: q.variance(q.Baseline + effect), Level: level, Normal: q.Share,
	}
}
