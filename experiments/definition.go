package experiments

import (
	"encoding/json"

	"vouch/referral"
)

// Definition says what an experiment randomised and which metrics judge it.
type Definition struct {
	Name string `json:"-"`
	// Unit is what was randomised: person (default), referrer, partner, or attribute.NAME, the persons that
	// share a value of an attribute, such as a household.
	Unit    string `json:"unit"`
	Control string `json:"control"` // variant every other is compared with
	// Weights are the planned shares of the variants; relative numbers.
	Weights map[string]json.Number `json:"weights"`
	Window  referral.Duration      `json:"window"` // outcomes count for this long after exposure
	Metrics []Metric               `json:"metrics"`
	// Confidence is the level of intervals, default 0.95.
	Confidence float64 `json:"confidence"`
	// Rewards is the cost of one reward per variant in minor units of the project's currency.
	Rewards map[string]int64 `json:"rewards"`
	// Costs are what a variant costs beside its rewards: training, early access, recognition.
	Costs map[string]Cost `json:"costs"`
	// Factors are the sides of a both-sided incentive: per variant the level of each factor, such as
	// {both: {referrer: ten, referee: ten}}. Every combination of levels must be a variant.
	Factors map[string]map[string]string `json:"factors"`
	// Strata splits the units: stratum (of the exposure) or attribute.NAME of the unit's person.
	Strata string `json:"strata"`
	// Cuped adjusts means, shares and ratios by the same metric before the first exposure.
	Cuped        Cuped        `json:"cuped"`
	Stopping     Stopping     `json:"stopping"`
	Multiplicity Multiplicity `json:"multiplicity"`
	Decide       Thresholds   `json:"decide"`
	// Source is where the arms come from. Rows whose assignment contradicts itself are the business of
	// the source's SQL; a unit seen in two variants is always put aside and counted.
	Source string `json:"source"` // exposures (default) or summary (experiment_summary)
}

// Cost is what a variant costs in minor units of the project's currency, beside rewards.
type Cost struct {
	PerUnit int64 `json:"per_unit"` // for every unit that is exposed
	Fixed   int64 `json:"fixed"`    // once; spread over the analysed units of the variant
}

// Cuped names the period before exposure that serves as covariate.
type Cuped struct {
	Before referral.Duration `json:"before"` // ends at the first exposure, exclusive; 0: no adjustment
}

// Stopping is the rule under which looks before the end are allowed.
type Stopping struct {
	Rule string `json:"rule"` // fixed (default), group_sequential, always_valid, msprt
	// Units are the mature units over all arms at which the experiment ends. Needed for every rule but fixed.
	Units int64 `json:"units"`
	// Looks are the planned shares of Units at which a group-sequential test is read, rising to 1;
	// a whole number n means n equally spaced looks.
	Looks     Looks   `json:"looks"`
	Spending  string  `json:"spending"`  // obrien_fleming (default), pocock, kim_demets, hwang_shih_decani
	Parameter float64 `json:"parameter"` // ρ of kim_demets, γ of hwang_shih_decani
}

// Multiplicity names the correction for many questions per family.
type Multiplicity struct {
	Primary   string `json:"primary"`   // holm (default), hochberg, hommel, sidak, bonferroni, dunnett, none
	Secondary string `json:"secondary"` // bh (default), by, or one of the above but dunnett
}

// Thresholds are the limits of the verdict; zero values mean the defaults of docs/statistics.md.
type Thresholds struct {
	SRM        float64  `json:"srm"`         // p-value of the split below which the experiment is invalid, default 0.001
	MixedShare float64  `json:"mixed_share"` // share of units in two variants above which it is invalid, default 0.05
	MaxLoss    *float64 `json:"max_loss"`    // largest probability of losing money at which an arm ships
}

// Metric is one outcome per randomised unit.
type Metric struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // proportion, mean, ratio, time_to_event, quantile
	// Event and Where select the outcome events of the unit (for unit referrer: of the persons it
	// referred).
	Event string                     `json:"event"`
	Where map[string]json.RawMessage `json:"where"`
	// Value is what a mean, a quantile or a numerator adds up: amount (money, default) or count (events).
	Value string `json:"value"`
	// Per is the denominator of a ratio.
	Per *Part `json:"per"`
	// Quantile is the share of units below a quantile, such as 0.5; over units with at least one event.
	Quantile float64 `json:"quantile"`
	// Window replaces the experiment's window for this metric.
	Window referral.Duration `json:"window"`
	// Cap limits the value of one unit, the same in all arms.
	Cap  *Cap   `json:"cap"`
	Role string `json:"role"` // primary, secondary (default), guardrail
	// LowerIsBetter says that a fall is the improvement, as with refunds; of a time to an event that sooner is better.
	LowerIsBetter bool `json:"lower_is_better"`
	// Margin is the loss that a guardrail tolerates, above 0; without one a guardrail only must not be worse.
	Margin *Margin `json:"margin"`
}

// Part selects the events of a denominator.
type Part struct {
	Event string                     `json:"event"`
	Where map[string]json.RawMessage `json:"where"`
	Value string                     `json:"value"` // amount, count (default)
}

// Cap is a limit in the metric's unit, or the quantile of all arms' mature units together at which it lies.
type Cap struct {
	At       *int64  `json:"at"`       // minor units or events
	Quantile float64 `json:"quantile"` // such as 0.99
}

// Margin is a tolerated loss.
type Margin struct {
	Absolute float64 `json:"absolute"` // in the metric's unit: a share, minor units, events
	Relative float64 `json:"relative"` // as a share of the control's mean
}
