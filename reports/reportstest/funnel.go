package reportstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"vouch/funnel"
	"vouch/partners"
	"vouch/referral"
)

// stepResults makes the steps of a funnel of the counts given; the last brings money.
func stepResults(names []string, counts ...int64) []funnel.StepResult {
	var out []funnel.StepResult
	for i, n := range counts {
		amount := int64(0)
		s := funnel.StepResult{Name: names[i], Persons: n, AmountMinor: &amount}
		if i > 0 {
			a, b := Share(n, counts[0]), Share(n, counts[i-1])
			s.FromFirst, s.FromPrevious = &a, &b
			s.Velocity = funnel.Quantiles{"0.5": nil, "0.9": nil}
			s.VelocityConverting = funnel.Quantiles{"0.5": referral.Float(float64(i) * 86400), "0.9": referral.Float(float64(i) * 300_000)}
		}
		if i == len(counts)-1 {
			amount = n * 4999
		}
		out = append(out, s)
	}
	return out
}

// journey is a funnel by partner that has everything a page can show. What came next adds up to the
// entrants, and the histogram to those who came through.
func journey(r *rand.Rand, p *partners.Result) funnel.Result {
	steps := []string{"invite_sent", "invite_clicked", "signed_up", "purchase"}
	none := funnel.Quantiles{"0.5": nil, "0.9": nil}
	f := funnel.Result{
		Name: "referral", Unit: "person", Window: "30d", Currency: "EUR", By: "partner_id", From: "2026-08-18", To: "2026-11-16", CompleteTo: "2026-10-17", Persons: 41207,
		Options: map[string]string{
			"order": "ordered", "ties": "any_order", "entry": "any", "counting": "uniques", "reuse": "false", "window": "30d", "tolerance": "5s", "unit": "person",
			"breakdown": "partner_id, all", "late": "drop", "something_new": "yes",
		},
		Steps:    stepResults(steps, 41207, 18341, 7902, 2116),
		Velocity: none, VelocityConverting: funnel.Quantiles{"0.5": referral.Float(4.2 * 86400), "0.9": referral.Float(17 * 86400)},
		TimeToConvert: map[string]funnel.Times{"total": {N: 2116, Mean: 500000, Median: 363000}},
		Censoring:     &funnel.Censoring{Naive: Share(2116, 41207), Matured: Share(2010, 35897), KaplanMeier: Known(0.055, 0.053, 0.058), OpenPersons: 5310},
		Cost:          &funnel.Cost{CostMinor: whole(9_876_543), PayoutMinor: whole(4_000_000), From: "2026-08-18", To: "2026-11-16"},
		TieDependent:  whole(38), ToleranceDependent: whole(0), Late: whole(312), WithoutUnit: nil,
		Findings: []referral.Finding{{Code: "ties", Subject: "referral", Detail: "1.8 % of conversions depend on the order of equal timestamps (any order is allowed)."}},
	}
	for i := range f.Steps {
		c := Known(9_876_543/float64(f.Steps[i].Persons), 9_700_000/float64(f.Steps[i].Persons), 10_100_000/float64(f.Steps[i].Persons))
		paid := Known(4_000_000/float64(f.Steps[i].Persons), 3_900_000/float64(f.Steps[i].Persons), 4_100_000/float64(f.Steps[i].Persons))
		f.Steps[i].CostPerPerson, f.Steps[i].PayoutPerPerson = &c, &paid
	}
	for i, row := range p.Partners {
		n := int64(3000 / (i + 1))
		f.Groups = append(f.Groups, group(row.PartnerID, steps, f.Persons, n, n/2, int64(float64(n)*(0.1+0.2*r.Float64())), int64(float64(n)*(0.02+0.06*r.Float64()))))
	}
	for i := range 9 {
		f.Groups = append(f.Groups, group(fmt.Sprintf("small-%d", i), steps, f.Persons, 7, 3, 1, 0))
	}
	f.Other = &funnel.Other{Values: int64(len(f.Groups) - 10), Steps: stepResults(steps, 700, 340, 140, 33)}
	f.Trend, f.Histogram, f.Flow = trend(r), histogram(), flow(steps)
	return f
}

// group is one value of the breakdown against the rest of all.
func group(key string, names []string, all int64, counts ...int64) funnel.Group {
	g := funnel.Group{Key: key, Steps: stepResults(names, counts...), Velocity: funnel.Quantiles{"0.5": nil, "0.9": nil}}
	n, hits := counts[0], counts[len(counts)-1]
	p, rest := float64(hits)/float64(n), 2116.0/float64(all)
	h := 1.96 * math.Sqrt((p*(1-p)+rest*(1-rest)/10+0.002)/float64(n))
	shrunk := Known((p*float64(n)+rest*200)/(float64(n)+200), 0.8*rest, 1.3*max(p, rest))
	decision := "unclear"
	switch {
	case p-rest > h:
		decision = "above"
	case rest-p > h:
		decision = "below"
	}
	g.Shrunk = &shrunk
	g.VersusRest = &funnel.Comparison{
		Entered: n, Converted: hits, RestEntered: all - n, RestConverted: 2116 - hits, Difference: Known(p-rest, p-rest-h, p-rest+h),
		PValue: referral.Float(0.0123), AdjustedP: referral.Float(0.034), Test: "z_pooled", Decision: decision,
	}
	g.VelocityConverting = funnel.Quantiles{"0.5": nil, "0.9": nil}
	if hits > 0 {
		g.VelocityConverting = funnel.Quantiles{"0.5": referral.Float(100_000 + 900*float64(n)), "0.9": referral.Float(900_000)}
	}
	c := Known(12_000, 9_000, 16_000)
	g.Steps[len(g.Steps)-1].CostPerPerson = &c
	g.Cost = &funnel.Cost{CostMinor: whole(12_000 * hits), PayoutMinor: whole(8_000 * hits), From: "2026-08-18", To: "2026-11-16"}
	return g
}

func whole(v int64) *int64 { return &v }

func trend(r *rand.Rand) []funnel.Bucket {
	var out []funnel.Bucket
	day := time.Date(2026, 8, 17, 0, 0, 0, 0, time.UTC)
	for i := range 13 {
		n := int64(2500 + r.IntN(900))
		hits := int64(float64(n) * (0.045 + 0.015*r.Float64()))
		b := funnel.Bucket{Start: day.AddDate(0, 0, 7*i).Format(time.DateOnly), Entered: n, Converted: hits, Complete: i <= 8}
		if !b.Complete {
			b.Converted, b.Reason = hits*int64(13-i)/6, referral.ReasonNotYet
		}
		b.Rate = Share(b.Converted, n)
		out = append(out, b)
	}
	return out
}

// histogram adds up to 2116.
func histogram() []funnel.Bin {
	edges := []int64{0, 60, 300, 1800, 3600, 6 * 3600, 86400, 2 * 86400, 7 * 86400, 14 * 86400, 30 * 86400}
	counts := []int64{3, 12, 40, 61, 130, 290, 380, 640, 360, 200}
	var out []funnel.Bin
	for i, n := range counts {
		out = append(out, funnel.Bin{FromSeconds: edges[i], ToSeconds: whole(edges[i+1]), Persons: n})
	}
	return out
}

// flow adds up to 41207, and at each step to those who went no further.
func flow(names []string) []funnel.FlowRow {
	var out []funnel.FlowRow
	add := func(step int, next, event string, n int64) {
		out = append(out, funnel.FlowRow{Step: step, Name: names[step-1], Next: next, Event: event, Persons: n})
	}
	add(1, "nothing", "", 13_000)
	add(1, "open", "", 4_066)
	for i, e := range []string{"email_opened", "invite_sent", "app_visited", "support_ticket", "newsletter", "unsubscribed", Hostile, "page_viewed"} {
		add(1, "event", e, int64(1000-100*i))
	}
	add(1, "event", "", 22_866-sum(out)) // the events after the eight
	add(2, "nothing", "", 7_000)
	add(2, "open", "", 1_000)
	add(2, "event", "app_visited", 2_439)
	add(3, "nothing", "", 5_442)
	add(3, "open", "", 244)
	add(3, "event", "support_ticket", 100)
	add(4, "converted", "", 2_116)
	return out
}

func sum(rows []funnel.FlowRow) int64 {
	var n int64
	for _, r := range rows {
		n += r.Persons
	}
	return n
}

// attempts counts attempts of referral codes, with a step that is optional and none that is ever final.
func attempts() funnel.Result {
	f := funnel.Result{
		Name: "codes", Unit: "referral_code", Currency: "EUR", From: "2026-08-18", To: "2026-11-16", Persons: 900,
		Options:     map[string]string{"counting": "totals", "unit": "referral_code", "order": "ordered", "ties": "increasing", "entry": "any", "reuse": "false", "window": "none", "optional": "opened"},
		Steps:       stepResults([]string{"sent", "opened", "paid"}, 900, 300, 400),
		Trend:       []funnel.Bucket{{Start: "2026-08-17", Entered: 500, Converted: 220, Rate: Share(220, 500), Reason: "no_window"}, {Start: "2026-08-24", Entered: 400, Converted: 180, Rate: Share(180, 400), Reason: "no_window"}},
		WithoutUnit: whole(77),
	}
	f.Steps[1].Optional, f.Steps[1].Velocity, f.Steps[1].VelocityConverting = true, nil, nil
	through := Share(400, 900)
	f.Steps[2].FromPrevious = &through
	return f
}

// nobody entered this one.
func nobody() funnel.Result {
	none := referral.Undefined(referral.ReasonNoEntrants, referral.MethodWilson, 0.95)
	return funnel.Result{
		Name: "renewals", Unit: "person", Window: "30d", Currency: "EUR", Options: map[string]string{"order": "ordered", "window": "30d"},
		Steps:    []funnel.StepResult{{Name: "reminded"}, {Name: "renewed", FromFirst: &none, FromPrevious: &none}},
		Findings: []referral.Finding{{Code: "nobody-entered", Subject: "reminded", Detail: "nobody entered the funnel: no event of the data starts it"}},
	}
}
