package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"vouch/internal/sqltext"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

func TestValidate_allProblemsAtOnce(t *testing.T) {
	d := Definition{
		Unit: "refferer", Control: "nonne", Source: "exposure", Window: 1, Confidence: 1.5,
		Weights: map[string]json.Number{"none": "1", "ten": "-1", "x": "1/2"},
		Rewards: map[string]int64{"tenn": 5, "ten": -1},
		Metrics: []Metric{
			{Name: "a", Kind: "share", Event: "purchase", Role: "main"},
			{Name: "a", Event: "", Where: map[string]json.RawMessage{"statu": []byte(`"paid"`), "status": []byte(`["paid"]`), "prop.x": []byte(`1`)}},
			{Kind: KindMean, Event: "e", Value: "sum"},
		},
	}
	var got []string
	for _, p := range d.Validate() {
		got = append(got, p.String())
	}
	want := []string{
		`unit: "refferer" is not one of person, referrer, partner, attribute.NAME (did you mean "referrer"?)`,
		`source: "exposure" is not one of exposures, summary (did you mean "exposures"?)`,
		`window: the window is not a whole number of seconds`,
		`confidence: 1.5 is not between 0 and 1 (write it like 0.95)`,
		`weights.ten: "-1" is not a weight: 0 or a positive number`,
		`weights.x: "1/2" is not a weight: 0 or a positive number`,
		`weights: an experiment needs two variants with a positive weight (name the planned share of every variant, such as {control: 1, new: 1})`,
		`control: "nonne" is not a variant of weights (did you mean "none"?)`,
		`rewards.ten: a reward costs -1, less than nothing`,
		`rewards.tenn: "tenn" is not a variant of weights (did you mean "ten"?)`,
		`metrics[0].kind: "share" is not one of proportion, mean, ratio, time_to_event, quantile`,
		`metrics[0].role: "main" is not one of primary, secondary, guardrail`,
		`metrics[1].name: two metrics are called "a"`,
		`metrics[1].kind: metric "a" has no kind (proportion or mean)`,
		`metrics[1].event: metric "a" has no event`,
		`metrics[1].where.statu: "statu" is not a field of events: use prop.NAME for a property, or one of campaign, channel, currency, order_id, partner_id, referral_code, source, status (did you mean "status"?)`,
		`metrics[1].where.status: "status" must equal a text, a number, true or false`,
		`metrics[2].name: a metric has no name`,
		`metrics[2].value: "sum" is not one of amount, count`,
		`metrics: no metric decides the experiment (give one metric role: primary)`,
	}
	// rewards are reported in the order of their names
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestValidate_accepts(t *testing.T) {
	for _, d := range []Definition{rewardDefinition("none", "ten"), oracleDefinition(UnitPartner)} {
		if ps := d.Validate(); len(ps) > 0 {
			t.Error(ps)
		}
	}
}

// Amounts and margins that no sum or moved mean could hold are refused with their place, not found out when they are used.
func TestValidate_outgrownNumbers(t *testing.T) {
	d := rewardDefinition("none", "ten")
	d.Rewards["ten"] = 1<<43 + 1
	d.Costs = map[string]Cost{"none": {PerUnit: 1 << 43, Fixed: 1 << 43}, "ten": {PerUnit: math.MaxInt64, Fixed: math.MaxInt64}}
	d.Metrics = append(d.Metrics,
		Metric{Name: "share", Kind: KindMean, Event: "purchase", Role: RoleGuardrail, Margin: &Margin{Relative: 1e308}},
		Metric{Name: "value", Kind: KindMean, Event: "purchase", Role: RoleGuardrail, Margin: &Margin{Absolute: 1e308}},
		Metric{Name: "bound", Kind: KindMean, Event: "purchase", Role: RoleGuardrail, Margin: &Margin{Absolute: 1e15}})
	var got []string
	for _, p := range d.Validate() {
		got = append(got, p.Path)
	}
	n := len(d.Metrics)
	want := []string{"rewards.ten", "costs.ten.per_unit", "costs.ten.fixed", fmt.Sprintf("metrics[%d].margin.relative", n-3), fmt.Sprintf("metrics[%d].margin.absolute", n-2)}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestValidate_confidence(t *testing.T) {
	for x, ok := range map[float64]bool{
		0.5: true, 0.95: true, 1 - 1e-9: true, 1e-300: false, 0.49: false, 1 - 1e-10: false, 1: false, -0.5: false, math.Inf(1): false,
	} {
		d := rewardDefinition("none", "ten")
		d.Confidence = x
		if ps := d.Validate(); (len(ps) == 0) != ok || !ok && (len(ps) != 1 || ps[0].Path != "confidence") {
			t.Errorf("confidence %v: %v", x, ps)
		}
	}
}

func TestStatements_refusesWhatValidateRefuses(t *testing.T) {
	if _, err := Statements(sqltext.DuckDB{}, Definition{}, referral.Scope{}); err == nil {
		t.Error("an empty definition has a statement")
	}
	d := rewardDefinition("none", "ten")
	d.Rewards["ten"] = 1 << 50
	if _, err := Statements(sqltext.DuckDB{}, d, testScope()); err == nil {
		t.Error("a reward beyond any money is accepted")
	}
}
