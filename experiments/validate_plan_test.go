package experiments

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

func number(x int64) *int64 { return &x }

// everyKey is a definition that uses every key.
func everyKey() Definition {
	largest := 0.1
	d := Definition{
		Name: "reward", Unit: UnitReferrer, Control: "none", Window: 30 * referral.DayLen, Confidence: 0.9,
		Weights: map[string]json.Number{"none": "1", "referrer": "1", "referee": "1", "both": "1"},
		Rewards: map[string]int64{"both": 2000}, Costs: map[string]Cost{"both": {PerUnit: 5, Fixed: 100_000}},
		Factors: map[string]map[string]string{
			"none": {"referrer": "0", "referee": "0"}, "referrer": {"referrer": "ten", "referee": "0"},
			"referee": {"referrer": "0", "referee": "ten"}, "both": {"referrer": "ten", "referee": "ten"},
		},
		Strata: "attribute.region", Cuped: Cuped{Before: 28 * referral.DayLen},
		Stopping:     Stopping{Rule: RuleGroupSequential, Units: 4000, Looks: []float64{0.25, 0.5, 1}, Spending: SpendingKimDeMets, Parameter: 3},
		Multiplicity: Multiplicity{Primary: CorrectDunnett, Secondary: CorrectBY},
		Decide:       Thresholds{SRM: 0.0005, MixedShare: 0.01, MaxLoss: &largest},
		Metrics: []Metric{
			{Name: "paid", Kind: KindProportion, Event: "purchase", Role: RolePrimary, Window: 7 * referral.DayLen},
			{Name: "revenue", Kind: KindMean, Event: "purchase", Cap: &Cap{Quantile: 0.99}},
			{Name: "orders", Kind: KindMean, Event: "purchase", Value: ValueCount, Cap: &Cap{At: number(20)}},
			{Name: "basket", Kind: KindRatio, Event: "purchase", Per: &Part{Event: "purchase", Value: ValueCount}},
			{Name: "wait", Kind: KindTimeToEvent, Event: "purchase"},
			{Name: "typical", Kind: KindQuantile, Event: "purchase", Quantile: 0.5},
			{Name: "refunds", Kind: KindMean, Event: "refund", Value: ValueCount, Role: RoleGuardrail, LowerIsBetter: true, Margin: &Margin{Relative: 0.02}},
		},
	}
	return d
}

func TestValidate_acceptsEveryKey(t *testing.T) {
	if ps := everyKey().Validate(); len(ps) > 0 {
		t.Error(ps)
	}
	for name, change := range map[string]func(*Definition){
		"household":    func(d *Definition) { d.Unit, d.Strata = "attribute.household", StrataExposure },
		"partner":      func(d *Definition) { d.Unit, d.Strata = UnitPartner, "" },
		"always valid": func(d *Definition) { d.Stopping = Stopping{Rule: RuleAlwaysValid, Units: 10} },
		"fixed, sized": func(d *Definition) { d.Stopping = Stopping{Units: 10} },
		"shih":         func(d *Definition) { d.Stopping.Spending, d.Stopping.Parameter = SpendingHwangShihDeCani, -4 },
		"own window":   func(d *Definition) { d.Window, d.Metrics[4].Window = 0, referral.DayLen },
		"no factors":   func(d *Definition) { d.Factors = nil },
	} {
		d := everyKey()
		change(&d)
		if ps := d.Validate(); len(ps) > 0 {
			t.Errorf("%s: %v", name, ps)
		}
	}
}

// TestValidate_refuses changes one thing at a time and wants exactly what is said of it.
func TestValidate_refuses(t *testing.T) {
	metric := func(change func(*Metric)) func(*Definition) {
		return func(d *Definition) { change(&d.Metrics[1]) }
	}
	guardrail := func(change func(*Margin)) func(*Definition) {
		return func(d *Definition) { change(d.Metrics[6].Margin) }
	}
	looks := func(l ...float64) func(*Definition) { return func(d *Definition) { d.Stopping.Looks = l } }
	loss := func(p float64) func(*Definition) { return func(d *Definition) { d.Decide.MaxLoss = &p } }
	for _, c := range []struct {
		want   string
		change func(*Definition)
	}{
		{`unit: "attribute." is not one of person, referrer, partner, attribute.NAME`, func(d *Definition) { d.Unit, d.Strata = "attribute.", "" }},
		{`control: "nome" is not a variant of weights (did you mean "none"?)`, func(d *Definition) { d.Control = "nome" }},
		{`costs.bth: "bth" is not a variant of weights (did you mean "both"?)`, func(d *Definition) { d.Costs = map[string]Cost{"bth": {}} }},
		{`costs.both.per_unit: a unit costs -1, less than nothing`, func(d *Definition) { d.Costs = map[string]Cost{"both": {PerUnit: -1}} }},
		{`costs.both.fixed: the variant costs -2, less than nothing`, func(d *Definition) { d.Costs = map[string]Cost{"both": {Fixed: -2}} }},
		{`strata: "region" is not one of stratum, attribute.NAME`, func(d *Definition) { d.Strata = "region" }},
		{`strata: "attribute." is not one of stratum, attribute.NAME`, func(d *Definition) { d.Strata = "attribute." }},
		{`strata: a unit of partner has no attributes of one person (use the stratum of the exposures)`, func(d *Definition) { d.Unit = UnitPartner }},
		{`cuped.before: the period before exposure is not a whole number of seconds`, func(d *Definition) { d.Cuped.Before = -1 }},
		{`stopping.rule: "sequential" is not one of fixed, group_sequential, always_valid, msprt`, func(d *Definition) { d.Stopping = Stopping{Rule: "sequential"} }},
		{`stopping.units: rule always_valid needs the planned number of units (the mature units over all arms at which the experiment ends)`, func(d *Definition) { d.Stopping = Stopping{Rule: RuleAlwaysValid} }},
		{`stopping.units: -5 units are fewer than none`, func(d *Definition) { d.Stopping.Units = -5 }},
		{`stopping.looks: only a group-sequential test has planned looks (leave it out, or make it rule: group_sequential)`, func(d *Definition) { d.Stopping = Stopping{Rule: RuleMSPRT, Units: 5, Looks: []float64{1}} }},
		{`stopping.spending: only a group-sequential test spends its error rate over looks (leave it out, or make it rule: group_sequential)`, func(d *Definition) { d.Stopping = Stopping{Spending: SpendingPocock} }},
		{`stopping.spending: "pococ" is not one of obrien_fleming, pocock, kim_demets, hwang_shih_decani (did you mean "pocock"?)`, func(d *Definition) { d.Stopping.Spending, d.Stopping.Parameter = "pococ", 0 }},
		{`stopping.parameter: kim_demets needs its power, above 0 and at most 50 (such as 3)`, func(d *Definition) { d.Stopping.Parameter = -1 }},
		{`stopping.parameter: kim_demets needs its power, above 0 and at most 50 (such as 3)`, func(d *Definition) { d.Stopping.Parameter = math.NaN() }},
		{`stopping.parameter: hwang_shih_decani needs its parameter, not 0 and within ±50 (such as -4)`, func(d *Definition) { d.Stopping.Spending, d.Stopping.Parameter = SpendingHwangShihDeCani, 0 }},
		{`stopping.parameter: this spending has no parameter (leave it out)`, func(d *Definition) { d.Stopping.Spending = "" }},
		{`stopping.looks: a group-sequential test needs its planned looks (a whole number of equally spaced looks, or shares of the planned units such as [0.5, 1])`, looks()},
		{`stopping.looks: the looks do not rise: 0.5 after 0.5 (a whole number of equally spaced looks, or shares of the planned units such as [0.5, 1])`, looks(0.5, 0.5, 1)},
		{`stopping.looks: the looks do not rise: 0 after 0 (a whole number of equally spaced looks, or shares of the planned units such as [0.5, 1])`, looks(0, 1)},
		{`stopping.looks: the last look is at 0.9 of the planned units, not at 1 (a whole number of equally spaced looks, or shares of the planned units such as [0.5, 1])`, looks(0.5, 0.9)},
		{`stopping.looks: 1001 looks are more than 1000 (a whole number of equally spaced looks, or shares of the planned units such as [0.5, 1])`, looks(make([]float64, 1001)...)},
		{`multiplicity.primary: "bh" is not one of holm, hochberg, hommel, sidak, bonferroni, dunnett, none`, func(d *Definition) { d.Multiplicity.Primary = CorrectBH }},
		{`multiplicity.secondary: "dunnett" is not one of bh, by, holm, hochberg, hommel, sidak, bonferroni, none`, func(d *Definition) { d.Multiplicity.Secondary = CorrectDunnett }},
		{`decide.srm: 1 is not between 0 and 1 (write it like 0.001)`, func(d *Definition) { d.Decide.SRM = 1 }},
		{`decide.mixed_share: -0.1 is not between 0 and 1 (write it like 0.05)`, func(d *Definition) { d.Decide.MixedShare = -0.1 }},
		{`decide.max_loss: 0 is not above 0 and at most 1 (the largest probability of losing money, such as 0.1)`, loss(0)},
		{`decide.max_loss: 1.5 is not above 0 and at most 1 (the largest probability of losing money, such as 0.1)`, loss(1.5)},
		{`metrics[1].window: the window is not a whole number of seconds`, metric(func(m *Metric) { m.Window = 1 })},
		{`metrics[1].quantile: a mean has no quantile (leave it out, or make it kind: quantile)`, metric(func(m *Metric) { m.Quantile = 0.5 })},
		{`metrics[5].quantile: metric "typical" does not say which quantile (such as 0.5)`, func(d *Definition) { d.Metrics[5].Quantile = 0 }},
		{`metrics[5].quantile: 50 is not between 0 and 1 (write it like 0.5)`, func(d *Definition) { d.Metrics[5].Quantile = 50 }},
		{`metrics[1].per: a mean has no denominator (leave it out, or make it kind: ratio)`, metric(func(m *Metric) { m.Per = &Part{Event: "e"} })},
		{`metrics[3].per: ratio "basket" has no denominator (such as {event: invite_sent})`, func(d *Definition) { d.Metrics[3].Per = nil }},
		{`metrics[3].per.event: the denominator of "basket" has no event`, func(d *Definition) { d.Metrics[3].Per = &Part{} }},
		{`metrics[3].per.value: "counts" is not one of amount, count (did you mean "count"?)`, func(d *Definition) { d.Metrics[3].Per.Value = "counts" }},
		{`metrics[3].per.where.status: "status" must equal a text, a number, true or false`, func(d *Definition) {
			d.Metrics[3].Per.Where = map[string]json.RawMessage{"status": []byte(`null`)}
		}},
		{`metrics[3].cap: a ratio has no cap; only a mean has (leave it out)`, func(d *Definition) { d.Metrics[3].Cap = &Cap{Quantile: 0.9} }},
		{`metrics[1].cap: the cap has both a value and a quantile (give one of them)`, metric(func(m *Metric) { m.Cap.At = number(5) })},
		{`metrics[1].cap: the cap has neither a value nor a quantile (such as {quantile: 0.99})`, metric(func(m *Metric) { m.Cap = &Cap{} })},
		{`metrics[1].cap.at: a cap of 0 leaves nothing to measure`, metric(func(m *Metric) { m.Cap = &Cap{At: number(0)} })},
		{`metrics[1].cap.quantile: 99 is not between 0 and 1 (write it like 0.99)`, metric(func(m *Metric) { m.Cap.Quantile = 99 })},
		{`metrics[1].margin: a secondary metric has no margin; only a guardrail has (leave it out, or make it role: guardrail)`, metric(func(m *Metric) { m.Margin = &Margin{Relative: 1} })},
		{`metrics[6].margin: the margin needs one of absolute and relative, above 0 (such as {relative: 0.02})`, guardrail(func(m *Margin) { m.Absolute = 1 })},
		{`metrics[6].margin: the margin needs one of absolute and relative, above 0 (such as {relative: 0.02})`, guardrail(func(m *Margin) { m.Relative = 0 })},
		{`metrics[6].margin.relative: -0.1 is not above 0`, guardrail(func(m *Margin) { m.Relative = -0.1 })},
		{`metrics[4].value: a time to event adds up nothing (leave it out)`, func(d *Definition) { d.Metrics[4].Value = ValueCount }},
		{`metrics[4].window: a time to event needs a window, of the metric or of the experiment (such as 30d)`, func(d *Definition) { d.Window = 0 }},
	} {
		d := everyKey()
		c.change(&d)
		var got []string
		for _, p := range d.Validate() {
			got = append(got, p.String())
		}
		if diff := cmp.Diff([]string{c.want}, got); diff != "" {
			t.Error(diff)
		}
	}
}

// A summary has no units: what needs them is refused by name.
func TestValidate_summary(t *testing.T) {
	d := everyKey()
	d.Source = SourceSummary
	var got []string
	for _, p := range d.Validate() {
		got = append(got, p.Path)
	}
	want := []string{"strata", "cuped.before", "metrics[1].cap", "metrics[2].cap", "metrics[3].kind", "metrics[4].kind", "metrics[5].kind"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	d.Strata, d.Cuped = "", Cuped{}
	d.Metrics = []Metric{d.Metrics[0], {Name: "revenue", Kind: KindMean}}
	if ps := d.Validate(); len(ps) > 0 {
		t.Error(ps)
	}
}

func TestValidate_factors(t *testing.T) {
	for _, c := range []struct {
		want   []string
		change func(map[string]map[string]string)
	}{
		{[]string{
			`factors.all: "all" is not a variant of weights`,
			`factors.both: all and both have the same levels`,
		}, func(f map[string]map[string]string) { f["all"] = f["both"] }},
		{[]string{
			`factors: variant both has no level of referee (every variant needs a level of every factor)`,
			`factors: variant both has no level of referrer (every variant needs a level of every factor)`,
			`factors: 3 variants for 4 combinations of levels (every combination of levels must be a variant)`,
		}, func(f map[string]map[string]string) { delete(f, "both") }},
		{[]string{`factors: 4 variants for 6 combinations of levels (every combination of levels must be a variant)`}, func(f map[string]map[string]string) {
			f["both"] = map[string]string{"referrer": "twenty", "referee": "ten"}
		}},
		{[]string{
			`factors.none: both and none have the same levels`,
			`factors.referee: none and referee have the same levels`,
			`factors.referrer: referee and referrer have the same levels`,
			`factors: there are fewer than two factors (name the level of both sides for every variant, such as {both: {referrer: ten, referee: ten}})`,
			`factors: every variant has the same level of one`,
		}, func(f map[string]map[string]string) {
			for v := range f {
				f[v] = map[string]string{"one": "a"}
			}
		}},
	} {
		d := everyKey()
		c.change(d.Factors)
		var got []string
		for _, p := range d.Validate() {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLooks_fromText(t *testing.T) {
	var l Looks
	if err := l.FromText("4"); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Looks{0.25, 0.5, 0.75, 1}, l); d != "" {
		t.Error(d)
	}
	for _, text := range []string{"0", "-1", "1.5", "1001", "five", ""} {
		if err := l.FromText(text); err == nil || !strings.Contains(err.Error(), "number of looks") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
