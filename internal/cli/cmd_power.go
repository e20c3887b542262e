package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"vouch/experiments"
	"vouch/referral"
)

// powerPlan is the answer of `vouch power`.
type powerPlan struct {
	experiments.Plan
	// Observed is what the plan took from a project's experiment; null without one.
	Observed *experiments.Observed `json:"observed"`
	// DaysToRead are the days until the window of the last unit is closed.
	DaysToRead int64 `json:"days_to_read,omitempty"`
	currency   string
	ofShares   bool
	asked      bool // of units
}

// powerFlags are what the command can be told.
type powerFlags struct {
	base, mean, sd, lift, effect     float64
	power, confidence                float64
	size, cv, icc, perDay, reduction float64
	units, arms, metrics, guardrails int64
	looks                            int64
	correction, spending             string
	parameter                        float64
	value, margin, reward, cost      float64
	experiment, metric               string
	changed                          func(string) bool
}

const powerHelp = `power plans an experiment: units for a power, power of units, the smallest effect that units find, days from the units that arrive.

  vouch power --baseline 0.10 --lift 0.15                    two shares
  vouch power --baseline 0.10 --units 5000                   the smallest lift that 5,000 units per arm find
  vouch power --mean 24.5 --sd 61 --effect 3                 two means
  vouch power --experiment reward --lift 0.1                 baseline, variance and arrivals from an experiment of the project
  vouch power --baseline 0.10 --lift 0.15 --cluster-size 3 --cv 1.5 --icc 0.05 --per-day 40
  vouch power --baseline 0.10 --lift 0.15 --arms 4 --correction dunnett --guardrails 2 --looks 4 --spending obrien_fleming
  vouch power --baseline 0.10 --lift 0.15 --value 60 --margin 0.8 --reward 10

Arms are of equal size; tests are two-sided. Shares are planned by the normal test with unpooled variance, means by Student's t.
With --cluster-size the outcomes of one referrer resemble each other (--icc) and referrers are randomised: units are their people, and the sample grows by
the design effect 1 + ((cv² + 1)·m − 1)·icc. The power holds for one given arm; with guardrails for success and all of them together.
A metric pays when margin·value·effect exceeds what the treatment costs: the reward for every unit of the metric, also for those that would come
anyway, and --cost for every exposed unit.`

func (a *app) powerCommand() *cobra.Command {
	var p powerFlags
	c := &cobra.Command{
		Use: "power", Short: "How many units does an experiment need, and how long will it take?", Args: exactly(0), Long: powerHelp,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p.changed = cmd.Flags().Changed
			if p.experiment != "" {
				return a.analysis(cmd.Context(), func(s *session) (answer, error) { return p.fromProject(cmd.Context(), s) })
			}
			q, err := p.question()
			if err != nil {
				return err
			}
			ans, err := p.answer(q, nil, "")
			if err != nil {
				return err
			}
			return a.print(ans)
		},
	}
	p.flags(c)
	return c
}

func (p *powerFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.Float64Var(&p.base, "baseline", 0, "rate of the control, e.g. 0.10")
	f.Float64Var(&p.mean, "mean", 0, "mean of the control, instead of a rate")
	f.Float64Var(&p.sd, "sd", 0, "standard deviation of one unit, with --mean")
	f.Float64Var(&p.lift, "lift", 0, "relative lift to find, e.g. 0.15")
	f.Float64Var(&p.effect, "effect", 0, "difference to find, in the metric's unit, instead of --lift")
	f.Int64Var(&p.units, "units", 0, "units per arm: asks for their power, or without an effect for the smallest they find")
	f.Float64Var(&p.power, "power", 0.8, "probability of finding it")
	f.Float64Var(&p.confidence, "confidence", 0.95, "confidence of the test")
	f.Int64Var(&p.arms, "arms", 2, "arms, the control among them")
	f.Int64Var(&p.metrics, "primary-metrics", 1, "primary metrics, any of which may ship an arm")
	f.StringVar(&p.correction, "correction", experiments.CorrectBonferroni, "for several arms and primary metrics: bonferroni, dunnett or none")
	f.Int64Var(&p.guardrails, "guardrails", 0, "guardrails that must hold beside")
	f.Int64Var(&p.looks, "looks", 1, "equally spaced looks, of which each may stop the experiment")
	f.StringVar(&p.spending, "spending", experiments.SpendingOBrienFleming, "how looks spend the error: obrien_fleming, pocock, kim_demets, hwang_shih_decani")
	f.Float64Var(&p.parameter, "spending-parameter", 0, "rho of kim_demets, gamma of hwang_shih_decani")
	f.Float64Var(&p.size, "cluster-size", 1, "mean number of persons one referrer brings")
	f.Float64Var(&p.cv, "cv", 0, "coefficient of variation of that number")
	f.Float64Var(&p.icc, "icc", 0, "intra-cluster correlation of their outcomes")
	f.Float64Var(&p.reduction, "variance-explained", 0, "share of the variance that the metric before exposure explains")
	f.Float64Var(&p.perDay, "per-day", 0, "units that arrive each day, for the duration")
	f.Float64Var(&p.value, "value", 0, "money that one more unit of the metric brings; 1 for means in money")
	f.Float64Var(&p.margin, "margin", 1, "share of that money which is contribution; with --experiment the project's")
	f.Float64Var(&p.reward, "reward", 0, "money the treatment pays for each unit of the metric")
	f.Float64Var(&p.cost, "cost", 0, "money the treatment costs for each exposed unit")
	f.StringVar(&p.experiment, "experiment", "", "take baseline, variance, arrivals and plan from this `NAME` of the project")
	f.StringVar(&p.metric, "metric", "", "of the experiment: this `METRIC`, not the first primary one")
}

// question makes a question of flags alone.
func (p *powerFlags) question() (experiments.Question, error) {
	share := !p.changed("mean") && !p.changed("sd")
	switch {
	case p.metric != "":
		return experiments.Question{}, usageError{errors.New("--metric belongs to --experiment")}
	case share && !(p.base > 0 && p.base < 1):
		return experiments.Question{}, usageError{errors.New("--baseline is the rate of the control, between 0 and 1; or give --mean and --sd, or --experiment")}
	case !share && p.changed("baseline"):
		return experiments.Question{}, usageError{errors.New("--baseline is a rate, --mean and --sd are those of a mean: choose one")}
	case !share && !(p.sd > 0):
		return experiments.Question{}, usageError{errors.New("--mean needs --sd, the standard deviation of one unit, above 0")}
	}
	q := experiments.Question{
		Share: share, Baseline: p.base, Power: p.power, Confidence: p.confidence, Arms: int(p.arms), Metrics: int(p.metrics), Correction: p.correction,
		Guardrails: int(p.guardrails), Looks: int(p.looks), Spending: p.spending, Parameter: p.parameter, ClusterSize: p.size, CV: p.cv, ICC: p.icc,
		VarianceReduction: p.reduction, PerDay: p.perDay, Units: p.units,
	}
	if !share {
		q.Baseline, q.Variance = p.mean, p.sd*p.sd
	}
	return p.complete(q, 1)
}

// complete adds the effect and the price to a question; scale is what one unit of the flags' money is in the question's.
func (p *powerFlags) complete(q experiments.Question, scale float64) (experiments.Question, error) {
	switch {
	case p.changed("lift") && p.changed("effect"):
		return q, usageError{errors.New("--lift is relative, --effect a difference: choose one")}
	case p.changed("effect"):
		q.Effect = referral.Float(p.effect * scale)
	case p.changed("lift") && q.Baseline == 0:
		return q, usageError{errors.New("--lift is relative to a mean of 0: give --effect")}
	case p.changed("lift"):
		treat := q.Baseline + math.Abs(q.Baseline)*p.lift
		if p.lift == 0 || q.Share && !(treat > 0 && treat < 1) {
			return q, usageError{fmt.Errorf("--lift %g: the rate of the treatment would be %g; it must differ and lie between 0 and 1", p.lift, treat)}
		}
		q.Effect = referral.Float(treat - q.Baseline)
	case q.Units == 0:
		return q, usageError{errors.New("name what to find by --lift or --effect, or the --units to find it with")}
	}
	if p.size < 1 || p.icc < 0 || p.icc > 1 {
		return q, usageError{errors.New("--cluster-size is at least 1 and --icc between 0 and 1")}
	}
	if p.changed("value") || p.changed("reward") || p.changed("cost") {
		value := p.value
		if !p.changed("value") {
			if q.Share {
				return q, usageError{errors.New("--reward and --cost need --value, the money that one more unit of the metric brings")}
			}
			value = 1
		}
		q.Price = &experiments.Price{Value: value, Margin: p.margin, Reward: p.reward, Cost: p.cost}
	}
	return q, nil
}

// fromProject takes from an experiment what the flags do not say.
func (p *powerFlags) fromProject(ctx context.Context, s *session) (answer, error) {
	for _, name := range []string{"baseline", "mean", "sd", "cluster-size", "cv", "icc"} {
		if p.changed(name) {
			return answer{}, usageError{fmt.Errorf("--experiment takes the units as they were seen: leave --%s out", name)}
		}
	}
	var o experiments.Observed
	var q experiments.Question
	err := s.timings.Stage("experiment", func() (err error) {
		o, q, err = s.Observe(ctx, p.experiment, p.metric)
		return err
	})
	if err != nil {
		return answer{}, noPlan(err)
	}
	q.Units = p.units
	for name, set := range map[string]func(){
		"power": func() { q.Power = p.power }, "confidence": func() { q.Confidence = p.confidence }, "arms": func() { q.Arms = int(p.arms) },
		"primary-metrics": func() { q.Metrics = int(p.metrics) }, "correction": func() { q.Correction = p.correction },
		"guardrails": func() { q.Guardrails = int(p.guardrails) }, "looks": func() { q.Looks = int(p.looks) },
		"spending": func() { q.Spending = p.spending }, "spending-parameter": func() { q.Parameter = p.parameter },
		"variance-explained": func() { q.VarianceReduction = p.reduction }, "per-day": func() { q.PerDay = p.perDay },
	} {
		if p.changed(name) {
			set()
		}
	}
	scale := 1.0
	if o.MeasuredIn == experiments.InMinor {
		if e, err := referral.Exponent(s.run.Currency); err == nil {
			scale = math.Pow10(e)
		}
	}
	if !p.changed("lift") && !p.changed("effect") && p.units == 0 && o.Pays != nil && *o.Pays != 0 {
		q.Effect = o.Pays // the smallest effect worth finding
	} else if q, err = p.complete(q, scale); err != nil {
		return answer{}, err
	}
	if q.Price != nil && !p.changed("margin") && s.Scope.MarginMicros > 0 {
		q.Price.Margin = float64(s.Scope.MarginMicros) / referral.MicroScale
	}
	if q.Price != nil { // the plan is in minor units, so is its money
		q.Price.Cost *= scale
	}
	return p.answer(q, &o, s.run.Currency)
}

// noPlan makes a mistake on the command line of a question without an answer.
func noPlan(err error) error {
	if errors.Is(err, experiments.ErrQuestion) {
		return usageError{errors.New(strings.TrimPrefix(err.Error(), experiments.ErrQuestion.Error()+": "))}
	}
	return err
}

// answer makes the plan and its tables.
func (p *powerFlags) answer(q experiments.Question, o *experiments.Observed, currency string) (answer, error) {
	plan, err := q.Answer()
	if err != nil {
		return answer{}, noPlan(err)
	}
	out := powerPlan{Plan: plan, Observed: o, currency: currency, ofShares: q.Share, asked: q.Units > 0}
	if o != nil && plan.Days > 0 {
		out.DaysToRead = plan.Days + int64(math.Ceil(o.WindowDays))
	}
	return answer{schema: "vouch.power/1", result: out, tables: []table{out.planTable(), out.needTable()}}, nil
}
