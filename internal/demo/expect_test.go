package demo

import (
	"context"
	"math"
	"testing"
	"time"
)

// The formulas of truth.json against the world they describe, drawn many times. Limits are in
// standard errors of the drawn mean; with some 300 comparisons at 4.5 errors one in 500 runs of a
// right formula would fail, and the seeds are fixed.
const tolerated = 4.5

func TestExpectedValue_matchesCustomersDrawn(t *testing.T) {
	w := testWorld(t, 1, 20)
	const n, months = 6000, 8
	for _, index := range []int{0, 1, 4, 5, 9} {
		p := &w.partners[index]
		want, kept := p.expectedValue(months), p.expectedRetention(months)
		base := tariffOf(p.region.currency)
		unit := base.base * 100 / float64(pow10(exponent(base.currency)))
		var sum, squares [months + 1]float64
		var renewed [months + 1]float64
		for i := range n {
			s := newStream(7, "customer", i*100+index)
			h := &history{id: "p0000000", class: invitee, origin: p, referrer: &referrer{id: "r0", partner: p}}
			bought := w.cal.unambiguous(w.cal.within(s, 0, 120))
			w.customer(h, s, bought)
			net, active := valueByAge(w.cal, h.events, bought, months)
			for a := range net {
				v := float64(net[a]) * unit
				sum[a] += v
				squares[a] += v * v
				renewed[a] += active[a]
			}
		}
		for a := range sum {
			mean := sum[a] / n
			se := math.Sqrt((squares[a]/n - mean*mean) / n)
			if math.Abs(mean-want[a]) > tolerated*se {
				t.Errorf("%s age %d: %.2f cents a customer drawn, %.2f expected, standard error %.2f", p.id, a, mean, want[a], se)
			}
			share := renewed[a] / n
			if se := math.Sqrt(kept[a]*(1-kept[a])/n) + 1e-12; math.Abs(share-kept[a]) > tolerated*se {
				t.Errorf("%s age %d: %.4f retained, %.4f expected", p.id, a, share, kept[a])
			}
		}
	}
}

// valueByAge cumulates net minor units by calendar months since the purchase, the way a cohort table
// does, and tells in which months the customer paid.
func valueByAge(c calendar, events []event, bought time.Time, months int) ([]int64, []float64) {
	index := func(t time.Time) int { l := t.In(c.zone); return l.Year()*12 + int(l.Month()) }
	net, active := make([]int64, months+1), make([]float64, months+1)
	for i := range events {
		age := index(events[i].at) - index(bought)
		amount := events[i].amount
		switch events[i].name {
		case evPurchase, evRenewal:
			if age <= months {
				active[age] = 1
			}
		case evRefund:
			amount = -amount
		}
		for a := max(0, age); a <= months; a++ {
			net[a] += amount
		}
	}
	return net, active
}

// Step rates, pooled and by partner, against what happened to the matured invitees of a large world.
func TestExpectedRates_matchTheWorld(t *testing.T) {
	w := testWorld(t, 11, 60)
	type tally struct{ n, clicked, signed, bought, rest float64 }
	byPartner := map[*partner]*tally{}
	err := w.unfold(context.Background(), 60_000, func(h *history) {
		if h.class != invitee || len(h.events) == 0 {
			return
		}
		level := reached(h.events, referralSteps, referralWindow)
		first := time.Time{}
		for i := range h.events {
			if h.events[i].name == evInvite {
				first = h.events[i].at
				break
			}
		}
		if level == 0 || w.cal.end.Sub(first) < referralWindow {
			return
		}
		x := byPartner[h.origin]
		if x == nil {
			x = &tally{}
			byPartner[h.origin] = x
		}
		x.n++
		for i, c := range []*float64{&x.clicked, &x.signed, &x.bought} {
			if level >= i+2 {
				*c++
			}
		}
		x.rest += h.referrer.lift()
	}, func(*referrer, int) {})
	if err != nil {
		t.Fatal(err)
	}
	for p, x := range byPartner {
		buy := p.click * p.signup * p.buy * (1 - lateBuyers) * x.rest / x.n
		for i, c := range []struct{ got, want float64 }{{x.clicked, p.click}, {x.signed, p.click * p.signup}, {x.bought, buy}} {
			// People of one referrer are alike in buying: the factor 1.5 on the error covers it.
			se := 1.5 * math.Sqrt(c.want*(1-c.want)/x.n)
			if math.Abs(c.got/x.n-c.want) > tolerated*se {
				t.Errorf("%s step %d: %.4f of %.0f drawn, %.4f expected", p.id, i+2, c.got/x.n, x.n, c.want)
			}
		}
	}
	if len(byPartner) != 60 {
		t.Errorf("%d partners with invitees, want 60", len(byPartner))
	}
}

// The reward experiment: units with a payer, payers and money per referrer in each arm.
func TestExpectedReward_matchesTheWorld(t *testing.T) {
	w := testWorld(t, 12, 60)
	b := newBook(w)
	var n, any, payers, anySq, paySq [2]float64
	paid := map[*referrer]float64{}
	var order []*referrer
	err := w.unfold(context.Background(), 120_000, func(h *history) {
		if h.class != invitee || h.referrer.variant == "" {
			return
		}
		for i := range h.events {
			e := &h.events[i]
			if e.name == evPurchase && e.at.Sub(h.referrer.start) <= 30*24*time.Hour {
				paid[h.referrer]++
				break
			}
		}
	}, func(r *referrer, invitees int) {
		b.refer(r, invitees)
		if r.variant != "" {
			order = append(order, r)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range order {
		arm := 0
		if r.variant == rewardTreatment {
			arm = 1
		}
		n[arm]++
		if paid[r] > 0 {
			any[arm]++
			anySq[arm]++
		}
		payers[arm] += paid[r]
		paySq[arm] += paid[r] * paid[r]
	}
	effects := b.rewarded.effects()
	for arm, name := range []string{rewardControl, rewardTreatment} {
		for _, c := range []struct {
			metric   string
			sum, squ float64
		}{{"paid", any[arm], anySq[arm]}, {"payers", payers[arm], paySq[arm]}} {
			mean := c.sum / n[arm]
			se := math.Sqrt((c.squ/n[arm] - mean*mean) / n[arm])
			if want := effects[c.metric].Arms[name]; math.Abs(mean-want) > tolerated*se {
				t.Errorf("%s in %s: %.4f drawn, %.4f expected, standard error %.4f", c.metric, name, mean, want, se)
			}
		}
	}
	// What the reward brings pays for it, or the demo would teach to ship a loss.
	if v := effects["value"].Effect; v < 100 || math.Abs(v-(margin*effects["revenue"].Effect-rewardCents*effects["payers"].Arms[rewardTreatment])) > 1e-9 {
		t.Errorf("value per referrer %v cents", v)
	}
	if l := effects["payers"].Lift; math.Abs(l-rewardLift) > 1e-9 {
		t.Errorf("lift of payers %v, want %v", l, rewardLift)
	}
	if l := effects["paid"].Lift; l <= 0.1 || l >= rewardLift {
		t.Errorf("lift of referrers with a payer %v: several invitees must dampen it", l)
	}
}
