// Package reportstest makes bundles for the tests of pages and e-mail: rich ones with hostile and
// foreign names, huge and absent numbers, and empty ones. The numbers are invented but consistent:
// rows add up to totals and rates match their counts.
package reportstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
	"vouch/reports"
)

// Hostile is a partner name that runs in a browser if a page writes it unescaped.
const Hostile = `</script><script>document.title=1337</script>`

// HostileRich is a name that tries the braces of rich text, attributes and formulas.
const HostileRich = `=HYPERLINK("http://example.invalid") {a|b} " onmouseover="document.title=1338`

// names are the partners of the rich bundle.
var names = []string{
	"Müller & Söhne Vermittlung GmbH", "Acme Growth Partners", Hostile, "北京推荐合作伙伴有限公司", "Żółw Media", HostileRich,
	"The Very Long Name Of A Consulting Partnership With Many Founders, Berlin", "Blue Harbor", "", "Ångström Labs", "O'Brien Advisory", "Nobody Came Ltd",
}

// Empty returns a bundle of a project into which nothing was loaded.
func Empty() *reports.Bundle {
	return &reports.Bundle{
		Run: reports.Run{
			ID: "0000000000000000", AsOf: time.Date(2026, 11, 16, 23, 0, 0, 0, time.UTC), Engine: "duckdb", Currency: "EUR",
			Vouch: "test", DuckDB: "v1.5.5",
		},
		Project: reports.Project{Name: "empty", Timezone: "Europe/Berlin", WeekStart: "monday", Currency: "EUR", Margin: "0.8"},
	}
}

// Hollow returns a bundle whose analyses ran over nobody: every result is there and empty.
func Hollow() *reports.Bundle {
	b := Empty()
	b.Project.Name = "hollow"
	none := referral.Undefined(referral.ReasonNoEntrants, "", 0.95)
	b.Funnels = []funnel.Result{{Name: "referral", Window: "30d", Currency: "EUR", Steps: []funnel.StepResult{{Name: "a"}, {Name: "b", FromFirst: &none, FromPrevious: &none}}}}
	b.Cohorts = []cohorts.Result{{Name: "monthly", By: referral.Month, Age: referral.Month, Currency: "EUR", Margin: "0.8"}}
	b.Experiments = []experiments.Result{{
		Name: "reward", Unit: "referrer", Control: "none", Confidence: 0.95,
		SRM: experiments.SRM{Reason: referral.ReasonNoData}, Verdict: experiments.Verdict{Action: "hold", Reason: "nobody was exposed"},
	}}
	b.Attributions = []attribution.Result{{Name: "house", By: "partner_id", Currency: "EUR"}}
	b.Partners = &partners.Result{Currency: "EUR", Margin: "0.8", Credit: "last_touch"}
	b.Weekly = &reports.Weekly{Week: "2026-W46", From: "2026-11-09", To: "2026-11-15"}
	return b
}

// Rich returns a bundle that has everything a page can show.
func Rich() *reports.Bundle {
	r := rand.New(rand.NewPCG(7, 11))
	b := Empty()
	b.Run.ID, b.Run.ConfigSHA256, b.Run.DataSHA256 = "5f0c1d2e3a4b5c6d", "c0ffee", "da7a"
	b.Project.Name = "Acme Empfehlungen"
	b.Data = reports.Data{
		Events: 1234567, Persons: 41207, Partners: 12, CompleteTo: "2026-11-15",
		Sources: []reports.Source{
			{Name: "events", Kind: "events", Files: 3, Rows: 1240000, Accepted: 1234567, Duplicates: 5000, Rejected: 433},
			{Name: "partners", Kind: "partners", Files: 1, Rows: 12, Accepted: 12},
		},
		Excluded: map[string]int64{"bot": 812, "self_referral": 44, "internal": 7}, Quarantine: []reports.QuarantineCount{{Source: "events", Code: "bad_time", Rows: 433}},
	}
	b.Findings = []referral.Finding{{Code: "quarantine", Subject: "events", Detail: "433 of 1,240,000 rows were rejected, 0.03 %."}}
	b.Nodes = []reports.Node{{Name: "load", Kind: "load", Status: "ok", Rows: 1234567}}
	b.SQL = map[string]string{"funnel/referral": "-- funnel/events\nSELECT person_key, event_key\nFROM   event_facts\nORDER  BY person_key", "partners": "SELECT 1"}
	b.Partners = rows(r)
	b.Funnels = []funnel.Result{journey(r, b.Partners), attempts(), nobody()}
	b.Cohorts = []cohorts.Result{triangle(r)}
	b.Experiments = trials()
	b.Attributions = []attribution.Result{credits(b.Partners)}
	b.Weekly = week(r, b.Partners)
	return b
}

// Known makes an estimate.
func Known(v, lo, hi float64) referral.Estimate {
	return referral.Estimate{Value: &v, Lo: &lo, Hi: &hi, Confidence: 0.95, Method: referral.MethodStudent}
}

// Share makes a rate with an approximate interval.
func Share(hits, n int64) referral.Estimate {
	e := referral.Estimate{Confidence: 0.95, Method: referral.MethodWilson, Numerator: referral.Whole(hits), Denominator: referral.Whole(n)}
	if n == 0 {
		e.Reason = referral.ReasonNoEntrants
		return e
	}
	p := float64(hits) / float64(n)
	z2 := 1.959964 * 1.959964
	c := (p + z2/(2*float64(n))) / (1 + z2/float64(n))
	h := 1.959964 / (1 + z2/float64(n)) * math.Sqrt(p*(1-p)/float64(n)+z2/(4*float64(n)*float64(n)))
	e.Value, e.Lo, e.Hi = referral.Float(p), referral.Float(c-h), referral.Float(c+h)
	return e
}

func rows(r *rand.Rand) *partners.Result {
	res := &partners.Result{From: "2025-11-17", To: "2026-11-16", Currency: "EUR", Margin: "0.8", Credit: "last_touch"}
	actions := []string{"grow", "grow", "fix", "grow", "watch", "end", "watch", "fix", "watch", "watch", "end", "end"}
	arche := []string{"reseller", "influencer", "consultant", "integration", "customer", "ally"}
	for i, n := range names {
		acq := int64(r.IntN(900) + 12)
		if i == 0 {
			acq = 2_345_678 // huge
		}
		if i == 11 {
			acq = 0
		}
		cpa := 1500 + r.Float64()*9000
		ltv := cpa * (0.3 + 4*r.Float64())
		row := partners.Row{
			PartnerID: fmt.Sprintf("p-%02d", i+1), Name: n, Archetype: arche[i%6], Tier: []string{"gold", "silver", ""}[i%3], Region: "DE", Industry: "",
			Persons: acq*7 + 40, Acquisitions: partners.Micro(acq*referral.MicroScale + int64(i%2)*500_000), CostMinor: int64(cpa * float64(acq)),
			RevenueMinor: int64(ltv * float64(acq) / 0.8), Action: actions[i], Reason: "contribution of EUR 12,000.00 against a cost of EUR 9,000.00, at least EUR 10,500.00 at the stated confidence",
		}
		if acq == 0 {
			row.CostMinor, row.RevenueMinor, row.Acquisitions = 420_000, 0, 0
			none := referral.Undefined(referral.ReasonNoAcquisitions, "", 0.95)
			row.CPA, row.LTV, row.LTVToCAC, row.ROI, row.PaybackMonths = none, none, none, Known(-1, -1, -0.6), none
		} else {
			w := 1 / math.Sqrt(float64(acq))
			row.CPA = Known(cpa, cpa*(1-1.9*w), cpa*(1+2.2*w))
			row.LTV = Known(ltv, ltv*(1-2*w), ltv*(1+2*w))
			row.LTVToCAC = Known(ltv/cpa, ltv/cpa*(1-2.5*w), ltv/cpa*(1+2.7*w))
			row.ROI = Known(ltv/cpa-1, ltv/cpa*(1-2.5*w)-1, ltv/cpa*(1+2.7*w)-1)
			row.PaybackMonths = Known(float64(1+i), float64(1+i/2), float64(3+i))
			if ltv < cpa {
				row.PaybackMonths = referral.Undefined(referral.ReasonNotWithinHorizon, "", 0.95)
			}
		}
		res.Partners = append(res.Partners, row)
	}
	res.Partners = append(res.Partners, partners.Row{
		Persons: 9000, Acquisitions: 700 * referral.MicroScale, CostMinor: 150_000, RevenueMinor: 40_000_000,
		CPA: Known(214, 199, 230), LTV: Known(45714, 40000, 51000), LTVToCAC: Known(213, 190, 240), ROI: Known(212, 180, 240), PaybackMonths: Known(1, 1, 1), Action: "watch", Reason: "no partner",
	})
	t := partners.Row{Name: ""}
	for _, p := range res.Partners {
		t.Persons, t.Acquisitions, t.CostMinor, t.RevenueMinor = t.Persons+p.Persons, t.Acquisitions+p.Acquisitions, t.CostMinor+p.CostMinor, t.RevenueMinor+p.RevenueMinor
	}
	n := float64(t.Acquisitions) / referral.MicroScale
	cpa, ltv := float64(t.CostMinor)/n, float64(t.RevenueMinor)*0.8/n
	t.CPA, t.LTV, t.LTVToCAC, t.ROI = Known(cpa, cpa*0.98, cpa*1.02), Known(ltv, ltv*0.97, ltv*1.03), Known(ltv/cpa, ltv/cpa*0.95, ltv/cpa*1.05), Known(ltv/cpa-1, ltv/cpa*0.95-1, ltv/cpa*1.05-1)
	t.PaybackMonths = Known(3, 3, 4)
	res.Totals, res.Programme = t, &t
	day := time.Date(2025, 11, 17, 0, 0, 0, 0, time.UTC)
	for i := range 53 {
		v := 80 + 25*math.Sin(float64(i)/5) + r.Float64()*20
		res.Series = append(res.Series, partners.Point{
			Start: day.AddDate(0, 0, 7*i).Format(time.DateOnly), Complete: i < 52,
			Acquisitions: partners.Micro(v * referral.MicroScale), CostMinor: int64(v * 4000), RevenueMinor: int64(v*9000 + r.Float64()*90000),
		})
	}
	res.Findings = []referral.Finding{
		{Code: "spend-without-acquisitions", Subject: "p-12", Detail: "EUR 4,200.00 spent and no customer credited"},
		{Code: "totals-reconcile", Subject: "programme", Detail: "the rows add up to the sources"},
	}
	return res
}

func triangle(r *rand.Rand) cohorts.Result {
	c := cohorts.Result{Name: "monthly", By: referral.Month, Age: referral.Month, Group: "partner_id", Currency: "EUR", Margin: "0.8"}
	for m := range 12 {
		label := time.Date(2025, time.Month(12+m), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
		for k, key := range []string{"p-02", "p-01", ""} {
			co := cohorts.Cohort{Cohort: label, Key: key, Size: int64(60 + 30*k + r.IntN(30))}
			if m == 5 && key == "" {
				co.Size = 4
			}
			for a := 0; a <= 11-m; a++ {
				rate := math.Pow(0.82, float64(a)) * (0.9 + 0.1*r.Float64())
				if a == 0 {
					rate = 1
				}
				elig := co.Size
				complete := a < 11-m
				if !complete {
					elig = co.Size / 2
				}
				c2 := cohorts.Cell{Age: a, Eligible: elig, Retained: int64(rate * float64(elig)), Complete: complete, CumulativeMinor: int64(float64(co.Size) * 2900 * float64(a+1))}
				co.Cells = append(co.Cells, c2)
			}
			c.Cohorts = append(c.Cohorts, co)
		}
	}
	for _, k := range []struct {
		key  string
		n    int64
		base float64
	}{{"", 1400, 2700}, {"p-01", 700, 3100}, {"p-02", 400, 2100}, {"p-03", 90, 1500}, {"p-04", 6, 900}} {
		v := 0.0
		for a := range 11 {
			v += k.base * math.Pow(0.84, float64(a))
			n := k.n * int64(11-a) / 11
			w := 2 / math.Sqrt(float64(max(1, n)))
			c.LTV = append(c.LTV, cohorts.LTV{Key: k.key, Age: a, Customers: n, Value: Known(v, v*(1-w), v*(1+w)), Retention: Share(int64(math.Pow(0.8, float64(a))*float64(n)), n)})
		}
	}
	return c
}

func trials() []experiments.Result {
	p := func(v float64) *float64 { return &v }
	arm := func(v string, e referral.Estimate) experiments.ArmValue {
		return experiments.ArmValue{Variant: v, Value: e}
	}
	reward := experiments.Result{
		Name: "reward", Unit: "referrer", Control: "none", Currency: "EUR", From: "2026-07-01", To: "2026-10-30", Confidence: 0.95,
		Arms: []experiments.Arm{{Variant: "none", N: 4102, Mature: 3900, Share: 0.5}, {Variant: "ten", N: 4077, Mature: 3871, Share: 0.5}},
		SRM:  experiments.SRM{PValue: p(0.78), Statistic: p(0.08), Method: referral.MethodChiSquare}, Hygiene: experiments.Hygiene{Exposures: 9120, TwoVariants: 12, Immature: 408},
		Metrics: []experiments.MetricResult{
			{
				Name: "paid", Kind: "proportion", Role: "primary", Arms: []experiments.ArmValue{arm("none", Share(468, 3900)), arm("ten", Share(581, 3871))},
				Comparisons: []experiments.Comparison{{Arm: "ten", Control: "none", Effect: Known(0.0301, 0.0151, 0.0451), Lift: Known(0.251, 0.12, 0.39), PValue: p(0.00008), AdjustedP: p(0.00024), Decision: "better", Method: referral.MethodWelch}},
			},
			{
				Name: "complaints", Kind: "proportion", Role: "guardrail", Arms: []experiments.ArmValue{arm("none", Share(31, 3900)), arm("ten", Share(33, 3871))},
				Comparisons: []experiments.Comparison{{Arm: "ten", Control: "none", Effect: Known(0.0006, -0.0033, 0.0045), Lift: Known(0.07, -0.35, 0.76), PValue: p(0.77), AdjustedP: p(0.77), Decision: "unclear"}},
			},
			{
				Name: "revenue", Kind: "mean", Value: "amount", Role: "secondary", Arms: []experiments.ArmValue{arm("none", Known(1810, 1640, 1980)), arm("ten", Known(2220, 2030, 2410))},
				Comparisons: []experiments.Comparison{{Arm: "ten", Control: "none", Effect: Known(410, 120, 700), Lift: Known(0.227, 0.06, 0.4), PValue: p(0.0056), AdjustedP: p(0.011), Decision: "better"}},
			},
		},
		Verdict: experiments.Verdict{Action: "ship", Arm: "ten", Reason: "the primary metric is better and no guardrail is worse", ValueMinor: Known(410, 120, 700)},
	}
	readInFull(&reward)
	landing := experiments.Result{
		Name: "landing", Unit: "person", Control: "old", Currency: "EUR", From: "2026-08-01", To: "2026-10-30", Confidence: 0.95,
		Arms: []experiments.Arm{{Variant: "old", N: 9000, Mature: 9000, Share: 0.5}, {Variant: "new", N: 9040, Mature: 9040, Share: 0.5}},
		SRM:  experiments.SRM{PValue: p(0.76)}, Hygiene: experiments.Hygiene{Exposures: 18040},
		Metrics: []experiments.MetricResult{{
			Name: "signed_up", Kind: "proportion", Role: "primary", Arms: []experiments.ArmValue{arm("old", Share(1800, 9000)), arm("new", Share(1815, 9040))},
			Comparisons: []experiments.Comparison{{Arm: "new", Control: "old", Effect: Known(0.0008, -0.011, 0.0125), Lift: Known(0.004, -0.05, 0.06), PValue: p(0.9), AdjustedP: p(0.9), Decision: "unclear"}},
		}},
		Verdict: experiments.Verdict{
			Action: "hold", Reason: "the interval holds zero", ValueMinor: referral.Undefined(referral.ReasonNoRevenue, "", 0.95),
			Changes: []string{"an effect of 1.6 pp or more would be found with 80 % power"}, MoreUnits: some[int64](2120), MoreDays: some[int64](11),
			Rules: []experiments.Rule{{Name: "primary_better", Arm: "new", Detail: "signed_up is unclear"}},
		},
		Findings: []referral.Finding{{Code: "small-sample", Subject: "landing", Detail: "needs 2,120 more persons for 80 % power at a lift of 5 %."}},
	}
	banner := experiments.Result{
		Name: "banner", Unit: "person", Control: "a", Currency: "EUR", From: "2026-09-01", To: "2026-10-30", Confidence: 0.95,
		Arms: []experiments.Arm{{Variant: "a", N: 5200, Mature: 5200, Share: 0.5}, {Variant: "b", N: 4600, Mature: 4600, Share: 0.5}},
		SRM:  experiments.SRM{PValue: p(1.3e-9)}, Hygiene: experiments.Hygiene{Exposures: 9800, UnknownVariants: 3},
		Metrics: []experiments.MetricResult{{
			Name: "orders", Kind: "mean", Value: "count", Role: "primary", Arms: []experiments.ArmValue{arm("a", Known(0.41, 0.39, 0.43)), arm("b", Known(0.44, 0.41, 0.47))},
			Comparisons: []experiments.Comparison{{Arm: "b", Control: "a", Effect: Known(0.03, -0.004, 0.064), Lift: referral.Undefined(referral.ReasonZeroControl, "", 0.95), PValue: p(0.08), Decision: "invalid"}},
		}},
		Verdict:  experiments.Verdict{Action: "invalid", Reason: "the arms are not filled as planned", ValueMinor: referral.Undefined(referral.ReasonNoData, "", 0.95)},
		Findings: []referral.Finding{{Code: "srm", Subject: "banner", Detail: "5,200 and 4,600 persons were exposed where 4,900 each were planned (p < 0.001)."}},
	}
	return []experiments.Result{reward, landing, banner}
}

func credits(p *partners.Result) attribution.Result {
	a := attribution.Result{Name: "house", By: "partner_id", Currency: "EUR"}
	for i, m := range []string{"last", "first", "linear"} {
		model := attribution.Model{Name: m}
		for j, row := range p.Partners[:6] {
			micro := int64(row.Acquisitions) / int64(1+(i+j)%3)
			model.Credits = append(model.Credits, attribution.KeyCredit{Key: row.PartnerID, AcquisitionsMicro: micro, Acquisitions: *referral.Micros(micro), ValueMinor: row.RevenueMinor})
		}
		a.Models = append(a.Models, model)
	}
	return a
}

func week(r *rand.Rand, p *partners.Result) *reports.Weekly {
	series := func(base, spread float64) []*float64 {
		out := make([]*float64, 13)
		for i := range out {
			if i != 3 {
				out[i] = referral.Float(math.Round(base + spread*r.NormFloat64()))
			}
		}
		return out
	}
	w := &reports.Weekly{Week: "2026-W46", From: "2026-11-09", To: "2026-11-15", Figures: []reports.WeeklyFigure{
		{Name: "signups", Unit: "count", Value: Known(412, 373, 454), Previous: Known(371, 334, 411), Change: Known(41, -14, 96), Series: series(380, 20)},
		{Name: "customers", Unit: "count", Value: Known(118, 98, 141), Previous: Known(84, 67, 104), Change: Known(34, 6, 62), Clear: true, Series: series(100, 14)},
		{Name: "revenue", Unit: "money", Value: Known(1234567, 1100000, 1360000), Previous: Known(990000, 880000, 1100000), Change: Known(244567, 80000, 400000), Clear: true, Series: series(1000000, 90000)},
		{Name: "cost", Unit: "money", Value: Known(480000, 480000, 480000), Previous: Known(455000, 455000, 455000), Change: Known(25000, 25000, 25000), Clear: true, Series: series(450000, 20000)},
		{Name: "cpa", Unit: "money", Value: Known(4068, 3400, 4900), Previous: Known(5417, 4400, 6800), Change: Known(-1349, -2900, 210), Series: series(4800, 300)},
		{
			Name: "conversion", Unit: "rate", Value: Share(61, 412), Previous: referral.Undefined(referral.ReasonNoEntrants, "", 0.95),
			Change: referral.Undefined(referral.ReasonNoEntrants, "", 0.95), Series: make([]*float64, 13),
		},
	}}
	changes := []int64{14, 9, -6, 5, -3}
	for i, d := range changes {
		row := p.Partners[i]
		w.Movers = append(w.Movers, reports.Mover{
			Key: row.PartnerID, Name: row.Name, Previous: partners.Micro(10+int64(i)) * referral.MicroScale,
			Current: partners.Micro(10+int64(i)+d) * referral.MicroScale,
		})
	}
	w.Movers = append(w.Movers, reports.Mover{Key: "", Name: "all others", Previous: 24 * referral.MicroScale, Current: 39 * referral.MicroScale})
	return w
}

// some points to a value.
func some[T any](v T) *T { return &v }
