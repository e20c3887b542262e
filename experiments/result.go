package experiments

import "vouch/referral"

// Result is the read-out of one experiment.
type Result struct {
	Name       string  `json:"name"`
	Unit       string  `json:"unit"`
	Control    string  `json:"control"`
	Currency   string  `json:"currency"`
	From       string  `json:"from"` // local date of the first exposure
	To         string  `json:"to"`
	Window     string  `json:"window,omitempty"`
	Confidence float64 `json:"confidence"`
	// Families are the corrections for many questions, by role of the metrics.
	Families Families `json:"multiplicity"`
	Arms     []Arm    `json:"arms"`
	SRM      SRM      `json:"srm"`
	// SplitBy are the same test per stratum and per day of first exposure, adjusted by Bonferroni.
	SplitBy      []SplitPart        `json:"split_by,omitempty"`
	Hygiene      Hygiene            `json:"hygiene"`
	Stopping     *StoppingState     `json:"stopping,omitempty"`
	Metrics      []MetricResult     `json:"metrics"`
	Money        *Money             `json:"money,omitempty"`
	Factorial    []Factorial        `json:"factorial,omitempty"`
	Interference *Interference      `json:"interference,omitempty"`
	Novelty      []NoveltyDay       `json:"novelty,omitempty"`
	Verdict      Verdict            `json:"verdict"`
	Findings     []referral.Finding `json:"findings"`
}

// Families name the correction of p-values within the metrics of each role.
type Families struct {
	Primary   string `json:"primary"`
	Secondary string `json:"secondary"`
	Guardrail string `json:"guardrail"`
}

// Arm is one variant after the hygiene rules.
type Arm struct {
	Variant string  `json:"variant"`
	N       int64   `json:"n"`
	Mature  int64   `json:"mature"` // units whose outcome window is closed
	Share   float64 `json:"planned_share"`
}

// SRM is the test for a sample-ratio mismatch.
type SRM struct {
	PValue    *float64 `json:"p_value"`
	Statistic *float64 `json:"statistic"`
	Method    string   `json:"method"`
	Reason    string   `json:"reason,omitempty"`
}

// SplitPart is the sample-ratio test of one part of the units.
type SplitPart struct {
	By        string   `json:"by"` // stratum, day
	Key       string   `json:"key"`
	Units     []int64  `json:"units"` // per arm, in the order of arms
	PValue    *float64 `json:"p_value"`
	AdjustedP *float64 `json:"adjusted_p"`
	Reason    string   `json:"reason,omitempty"`
}

// Hygiene counts what was put aside before counting.
type Hygiene struct {
	Exposures       int64 `json:"exposures"`
	TwoVariants     int64 `json:"two_variant_units"`
	Immature        int64 `json:"immature_units"`
	UnknownVariants int64 `json:"unknown_variant_exposures"`
	ExcludedUnits   int64 `json:"excluded_units"` // bots, internal persons
	UnknownUnits    int64 `json:"unknown_units"`  // exposed, but nothing else is known of them; they count as zeros
	WithoutTime     int64 `json:"exposures_without_time"`
	EarlyOutcomes   int64 `json:"outcomes_before_exposure"` // events of the metrics since the experiment began, before their unit's own first exposure; not counted
}

// StoppingState is where an experiment stands under its stopping rule.
type StoppingState struct {
	Rule        string   `json:"rule"`
	Units       int64    `json:"planned_units,omitempty"`
	Mature      int64    `json:"mature_units"`
	Information *float64 `json:"information"` // mature ÷ planned
	Look        int      `json:"look"`        // planned looks that are due, from 1; 0 before the first
	Looks       int      `json:"looks,omitempty"`
	NextUnits   *int64   `json:"next_look_units"` // mature units at the next look
	Final       bool     `json:"final"`
}

// MetricResult is one metric in every arm and against the control.
type MetricResult struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Value string `json:"value,omitempty"` // of a mean: amount or count, as defined
	Role  string `json:"role"`
	// MeasuredIn is share, minor_units, events, seconds or ratio.
	MeasuredIn    string       `json:"measured_in"`
	LowerIsBetter bool         `json:"lower_is_better,omitempty"`
	Arms          []ArmValue   `json:"arms"`
	Comparisons   []Comparison `json:"comparisons"`
}

// ArmValue is the metric in one arm: the mean per mature unit with its interval.
type ArmValue struct {
	Variant string            `json:"variant"`
	Value   referral.Estimate `json:"value"`
}

// Comparison is one arm against the control. PValue is the probability of a difference at least as
// large as the one seen if there were none.
type Comparison struct {
	Arm       string            `json:"arm"`
	Control   string            `json:"control"`
	Effect    referral.Estimate `json:"effect"`
	Lift      referral.Estimate `json:"lift"`
	PValue    *float64          `json:"p_value"`
	AdjustedP *float64          `json:"adjusted_p"`
	Decision  string            `json:"decision"` // better, worse, unclear, invalid
	// Method names the test behind the p-value; Reason says why there is none.
	Method string `json:"method"`
	Reason string `json:"reason,omitempty"`
	// Unadjusted is the effect without covariate, VarianceReduction the share of variance the covariate explains.
	Unadjusted        *referral.Estimate `json:"unadjusted,omitempty"`
	VarianceReduction *float64           `json:"variance_reduction,omitempty"`
	// CovariateReason says why a covariate that was asked for adjusts nothing.
	CovariateReason string          `json:"covariate_reason,omitempty"`
	Capped          *Capped         `json:"capped,omitempty"`
	Sequential      *Sequential     `json:"sequential,omitempty"`
	Belief          *Belief         `json:"belief,omitempty"`
	Noninferiority  *Noninferiority `json:"noninferiority,omitempty"`
	Strata          *StrataResult   `json:"strata,omitempty"`
	Delayed         *Delayed        `json:"delayed,omitempty"`
	Ranks           *Ranks          `json:"ranks,omitempty"`
}

// Ranks compares the values of units by their order, of quantiles only. Larger is the share of all pairs, one unit from each
// arm, in which that of the arm has the larger value, ties half; 0.5 means no difference.
type Ranks struct {
	Larger *float64 `json:"larger"`
	PValue *float64 `json:"p_value"`
	Reason string   `json:"reason,omitempty"`
}

// Capped says what a cap changed.
type Capped struct {
	At       float64           `json:"at"`
	Units    int64             `json:"units"` // above the cap, both arms
	Uncapped referral.Estimate `json:"uncapped"`
}

// Sequential is the read-out that holds under looks before the end.
type Sequential struct {
	Rule     string   `json:"rule"`
	PValue   *float64 `json:"p_value"`  // always-valid; null for boundaries
	Lo       *float64 `json:"lo"`       // limits of the effect that hold at all looks together
	Hi       *float64 `json:"hi"`       //
	Z        *float64 `json:"z"`        // statistic at this look
	Critical *float64 `json:"critical"` // boundary at this look
	Crossed  bool     `json:"crossed"`
	Reason   string   `json:"reason,omitempty"`
}

// Belief is what the data say with a flat prior: the chance that the arm is better, and what either choice loses
// on average, in the metric's unit.
type Belief struct {
	Better   *float64 `json:"probability_better"`
	LossShip *float64 `json:"expected_loss_ship"`
	LossKeep *float64 `json:"expected_loss_keep"`
	Reason   string   `json:"reason,omitempty"`
}

// Noninferiority is the test of a guardrail against its margin, one-sided at half of 1 − confidence.
type Noninferiority struct {
	Margin      float64  `json:"margin"` // in the metric's unit
	Method      string   `json:"method"`
	PValue      *float64 `json:"p_value"`
	Limit       *float64 `json:"limit"` // of the effect, on the side that hurts
	Noninferior *bool    `json:"noninferior"`
	Reason      string   `json:"reason,omitempty"`
}

// StrataResult is the effect over strata.
type StrataResult struct {
	PostStratified referral.Estimate `json:"post_stratified"`
	CMH            *float64          `json:"cmh_p_value,omitempty"` // shares only
	Q              *float64          `json:"q"`                     // Cochran's
	PValue         *float64          `json:"heterogeneity_p_value"`
	ISquared       *float64          `json:"i_squared"`
	Parts          []StratumEffect   `json:"parts"`
	Reason         string            `json:"reason,omitempty"`
}

// StratumEffect is the effect within one stratum; AdjustedP is Holm's over strata.
type StratumEffect struct {
	Stratum   string            `json:"stratum"`
	Control   int64             `json:"n_control"`
	Treatment int64             `json:"n_treatment"`
	Effect    referral.Estimate `json:"effect"`
	PValue    *float64          `json:"p_value"`
	AdjustedP *float64          `json:"adjusted_p"`
}

// Delayed is a delayed conversion read with its open windows: the difference of the Kaplan–Meier conversion at the
// end of the window, of the mean time to convert within it, and the log-rank test. Naive takes open windows for failures.
type Delayed struct {
	KaplanMeier    referral.Estimate `json:"kaplan_meier"`
	RestrictedMean referral.Estimate `json:"restricted_mean_seconds"`
	LogRank        *float64          `json:"log_rank_p_value"`
	Naive          *float64          `json:"naive"`
	Matured        *float64          `json:"matured"`
	OpenControl    int64             `json:"open_control"`
	OpenTreatment  int64             `json:"open_treatment"`
}

// Money is what the variants earn and cost per analysed unit whose window is closed, in minor units.
type Money struct {
	Arms        []ArmMoney        `json:"arms"`
	Comparisons []MoneyComparison `json:"comparisons"`
}

// ArmMoney is one arm's contribution, rewards and other costs per mature unit.
type ArmMoney struct {
	Variant      string            `json:"variant"`
	Contribution referral.Estimate `json:"contribution_minor"` // margin × revenue
	Rewards      referral.Estimate `json:"rewards_minor"`
	Commission   referral.Estimate `json:"commission_minor"`
	Other        *float64          `json:"other_cost_minor"` // per unit, and the fixed cost spread over the arm's units
	Profit       referral.Estimate `json:"profit_minor"`
	Customers    referral.Estimate `json:"customers"` // newly acquired, per unit
}

// MoneyComparison is one arm's money against the control's.
type MoneyComparison struct {
	Arm     string `json:"arm"`
	Control string `json:"control"`
	// Contribution and Cost are the two legs of Profit; Customers are those newly acquired.
	Contribution referral.Estimate `json:"contribution_minor"`
	Cost         referral.Estimate `json:"cost_minor"`
	Customers    referral.Estimate `json:"customers"`
	Profit       referral.Estimate `json:"profit_minor"`
	// IncrementalCPA is the further cost per further customer, with Fieller's limits; its reason says when there is none. A
	// price below 0 means that one of the arms costs more and brings fewer; Cost and Customers say which.
	IncrementalCPA referral.Estimate `json:"incremental_cpa_minor"`
	// LongRun is the difference in profit when customers are worth their projected lifetime value; absent without a projection.
	LongRun *referral.Estimate `json:"long_run_profit_minor,omitempty"`
}

// Factorial is an effect of a both-sided incentive: of one factor over the levels of the other, or their interaction.
type Factorial struct {
	Metric string            `json:"metric"`
	Term   string            `json:"term"` // referrer, referee, referrer × referee
	Effect referral.Estimate `json:"effect"`
	PValue *float64          `json:"p_value"`
}

// Interference counts referees that more than one arm may have touched.
type Interference struct {
	Referees   int64  `json:"referees"`
	TwoArms    int64  `json:"touched_by_two_arms"`
	Randomised int64  `json:"themselves_randomised"`
	CrossArm   int64  `json:"randomised_into_another_arm"`
	Affected   int64  `json:"affected"` // touched by two arms, or randomised into another arm than their referrer's
	Warning    string `json:"warning,omitempty"`
}

// NoveltyDay is the effect on the first primary metric on one day since exposure, over the units seen for that day.
type NoveltyDay struct {
	Arm    string            `json:"arm"`
	Day    int               `json:"day"` // 0: the first 24 hours
	Units  int64             `json:"units"`
	Effect referral.Estimate `json:"effect"`
}

// Verdict says what to do, by the rules of docs/statistics.md.
type Verdict struct {
	Action string `json:"action"` // ship, hold, stop, invalid
	Arm    string `json:"arm,omitempty"`
	Reason string `json:"reason"`
	// ValueMinor is the value per randomised unit in minor units of the project's currency, where a
	// money metric and the rewards allow it.
	ValueMinor referral.Estimate `json:"value_minor"`
	// MonthMinor is ValueMinor times the units that arrive in a month of 30.4375 days.
	MonthMinor    referral.Estimate `json:"value_month_minor"`
	UnitsPerMonth *float64          `json:"units_per_month"`
	// ProbabilityOfLoss is the probability that the arm is worth less than the control, ExpectedLossMinor what
	// shipping it loses on average over the cases where it is, per month; flat prior.
	ProbabilityOfLoss *float64 `json:"probability_of_loss"`
	ExpectedLossMinor *float64 `json:"expected_loss_month_minor"`
	// Rules are the rules in the order they were asked, with what each found.
	Rules []Rule `json:"rules"`
	// Changes says what would change the verdict.
	Changes   []string `json:"what_would_change_it"`
	MoreUnits *int64   `json:"more_units"`
	MoreDays  *int64   `json:"more_days"`
}

// Rule is one rule of the verdict.
type Rule struct {
	Name   string `json:"name"`
	Arm    string `json:"arm,omitempty"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail"`
}
