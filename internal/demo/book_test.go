package demo

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/referral"
)

// handWorld is a small world by hand: an invitee who buys and takes a part back, one who buys without the
// code after clicking elsewhere, a walk-in, a bot.
func handWorld(t *testing.T) (*book, *partner, *partner) {
	t.Helper()
	w := testWorld(t, 1, minPartners)
	w.rates.byDay["USD"] = make([]int64, w.cal.days+rateLead)
	w.rates.byDay["USD"][0] = 900_000 // one rate before the period holds throughout
	b := newBook(w)
	p, q := &w.partners[0], &w.partners[1]
	p.click, p.signup, p.buy = 0.5, 0.5, 0.4
	r := &referrer{id: "r1", partner: p, variant: rewardTreatment, effect: 1, start: utc(t, "2026-03-02T08:00:00Z")}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	ev := func(id, source, name string, when time.Time, partner string) event {
		return event{id: id, source: source, person: "x", name: name, at: when, received: when, partner: partner}
	}
	pay := func(e event, amount int64, currency string) event {
		e.amount, e.currency, e.status = amount, currency, "paid"
		return e
	}
	twice := ev("2", srcWeb, evClick, at(2, 10), p.id)
	twice.earlier = &replaced{received: at(2, 10)}
	b.enter(&history{id: "p1", class: invitee, origin: p, referrer: r, events: []event{
		ev("1", srcInvites, evInvite, at(2, 9), p.id),
		twice,
		ev("3", srcProduct, evSignup, at(2, 10), p.id),
		pay(ev("4", srcBilling, evPurchase, at(3, 9), p.id), 2900, "EUR"),
		pay(ev("5", srcBilling, evRefund, at(20, 9), p.id), 1450, "EUR"),
	}})
	b.enter(&history{id: "p2", class: invitee, origin: p, referrer: r, events: []event{
		ev("1", srcInvites, evInvite, at(2, 9), p.id),
		ev("2", srcWeb, evClick, at(2, 10), p.id),
		ev("3", srcProduct, evSignup, at(2, 11), p.id),
		ev("4", srcWeb, evClick, at(4, 9), q.id),
		pay(ev("5", srcBilling, evPurchase, at(9, 9), ""), 3250, "USD"),
	}})
	b.enter(&history{id: "p3", class: organic, origin: organicPartner(), events: []event{
		ev("1", srcProduct, evSignup, at(1, 9), ""),
		pay(ev("2", srcBilling, evPurchase, at(1, 10), ""), 5900, "EUR"),
	}})
	b.enter(&history{id: "p4", class: bot, origin: p, referrer: r, events: []event{
		ev("1", srcWeb, evClick, at(2, 9), p.id), ev("2", srcWeb, evClick, at(2, 9), p.id),
	}, exposures: []exposure{
		{landingName, "p4", landingControl, at(2, 9), ""}, {landingName, "p4", landingTreatment, at(2, 10), ""},
	}})
	return b, p, q
}

func TestBook_byHand(t *testing.T) {
	b, p, q := handWorld(t)
	truth := b.truth(Options{}, []costLine{{partner: p.id, day: b.w.cal.date("2026-03-08"), kind: referral.CostBonus, minor: 100, currency: "USD"}})
	wantRows := Rows{
		BySource:   map[string]int64{srcWeb: 6, srcInvites: 2, srcProduct: 3, srcBilling: 4},
		Duplicates: map[string]int64{srcWeb: 1, srcInvites: 0, srcProduct: 0, srcBilling: 0},
		Excluded:   map[string]int64{"bot": 2}, Analysed: 12, Persons: 3,
		Events: map[string]int64{evInvite: 2, evClick: 3, evSignup: 3, evPurchase: 3, evRefund: 1},
	}
	if diff := cmp.Diff(wantRows, truth.Rows); diff != "" {
		t.Errorf("rows (-by hand +books):\n%s", diff)
	}
	// 29.00 − 14.50 euros, 32.50 dollars at 0.9 are 29.25, and 59.00.
	wantMoney := Revenue{
		ByCurrency: map[string]CurrencySums{"EUR": {8800, 1450, 7350}, "USD": {3250, 0, 3250}},
		GrossMinor: 11_725, RefundsMin: 1450, NetMinor: 10_275, CostMinor: 90, CostByKind: map[string]int64{"bonus": 90},
	}
	if diff := cmp.Diff(wantMoney, truth.Revenue); diff != "" {
		t.Errorf("money (-by hand +books):\n%s", diff)
	}
	wantCredit := map[string]PartnerSums{p.id: {1, 1450, 90}, q.id: {1, 2925, 0}, "": {1, 5900, 0}}
	for id, want := range wantCredit {
		if got := truth.Credited[id]; got != want {
			t.Errorf("credit of %q is %+v, want %+v", id, got, want)
		}
	}
	if a := truth.Acquisitions; a.Total != 3 || a.Organic != 1 || a.LastTouch[p.id] != 1 || a.LastTouch[q.id] != 1 {
		t.Errorf("acquisitions %+v", a)
	}
	if diff := cmp.Diff(map[string]int64{p.id: 1, q.id: 1, "": 1}, truth.Touches); diff != "" {
		t.Errorf("last clicks (-by hand +books):\n%s", diff)
	}
	counts := func(steps []FunnelStep) (out []int64) {
		for _, s := range steps {
			out = append(out, s.Persons)
		}
		return out
	}
	f := truth.Funnels["referral"]
	if diff := cmp.Diff([]int64{2, 2, 2, 2}, counts(f.Steps)); diff != "" {
		t.Errorf("funnel (-by hand +books):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{2, 2, 2, 1}, counts(f.By[p.id])); diff != "" {
		t.Errorf("funnel of the partner: one purchase lacks its code (-by hand +books):\n%s", diff)
	}
	// 0.5 · 0.5 · 0.4 · 1.8 for the reward · 0.94 who are not late = 0.1692, with the code 0.15228.
	for what, x := range map[string][2]float64{"rate": {*f.Steps[3].Rate, 0.1692}, "rate of the partner": {*f.By[p.id][3].MaturedRate, 0.15228}} {
		if d := x[0] - x[1]; d > 1e-12 || d < -1e-12 {
			t.Errorf("%s %v, want %v", what, x[0], x[1])
		}
	}
	if x := truth.Experiments[landingName]; x.Both != 1 || x.Units[landingControl] != 0 {
		t.Errorf("a bot in two variants counts as %+v", x)
	}
	if diff := cmp.Diff(Flagged{Bots: []string{"p4"}, Internal: []string{}, SelfReferrals: []string{}, FraudRing: []string{}}, truth.Flagged); diff != "" {
		t.Errorf("flagged (-by hand +books):\n%s", diff)
	}
}

func TestBook_weeklyCosts(t *testing.T) {
	b, p, _ := handWorld(t)
	p.region, p.deal = regions[0], deal{commissionMicros: 200_000, reward: 300, discount: 50}
	var got []costLine
	b.weeklyCosts(p, func(day time.Time, kind referral.CostKind, cents int64) {
		got = append(got, costLine{day: day, kind: kind, minor: cents})
	})
	// Two invitees of a referrer with the reward pay in the weeks of 2 and 9 March 2026. The second
	// one's money is booked under the partner it came through. The refund falls into a week of its own.
	want := map[string]map[referral.CostKind]int64{
		"2026-03-08": {referral.CostCommission: 580, referral.CostReward: 300 + 1000, referral.CostDiscount: 50},
		"2026-03-15": {referral.CostCommission: 585, referral.CostReward: 300 + 1000, referral.CostDiscount: 50},
		"2026-03-22": {referral.CostCommission: 0, referral.CostReward: 0, referral.CostDiscount: 0},
	}
	seen := map[string]map[referral.CostKind]int64{}
	for _, l := range got {
		d := l.day.Format(time.DateOnly)
		if seen[d] == nil {
			seen[d] = map[referral.CostKind]int64{}
		}
		seen[d][l.kind] += l.minor
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("costs (-by hand +books):\n%s", diff)
	}
}

func TestBook_fixedCosts(t *testing.T) {
	w := testWorld(t, 1, minPartners)
	b := newBook(w)
	p := &w.partners[2]
	p.from, p.to = 61, 61+100 // joined on 1 November 2025, left early in February
	p.deal = deal{retainer: 10_000, coMarketing: 500, bonus: 700}
	b.weekly[weekKey{p.index, 10}] = &weekSums{paying: 3}
	var got []string
	b.fixedCosts(p, 0.5, func(day time.Time, kind referral.CostKind, cents int64) {
		if cents > 0 {
			got = append(got, day.Format(time.DateOnly)+" "+string(kind)+" "+referral.Money{Minor: cents, Currency: home}.Decimal())
		}
	})
	want := []string{
		"2025-11-01 fixed 50.00", "2025-12-01 fixed 50.00", "2026-01-01 fixed 50.00",
		"2026-01-10 co_marketing 2.50", "2026-02-01 fixed 50.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("without enough customers for a bonus (-by hand +books):\n%s", diff)
	}
	b.weekly[weekKey{p.index, 16}] = &weekSums{paying: 1}
	got = nil
	b.fixedCosts(p, 0.5, func(day time.Time, kind referral.CostKind, cents int64) {
		if kind == referral.CostBonus {
			got = append(got, day.Format(time.DateOnly))
		}
	})
	if diff := cmp.Diff([]string{"2026-01-15"}, got); diff != "" {
		t.Errorf("bonus for four customers at half the size (-by hand +books):\n%s", diff)
	}
}

func TestCosts_inDollarsAndForTheProgramme(t *testing.T) {
	b, p, _ := handWorld(t)
	p.region, p.deal = regions[3], deal{reward: 92}
	p.joined, p.from, p.to = b.w.cal.start, 0, b.w.cal.days
	dollars, tools, campaign := 0, 0, 0
	for _, l := range b.costs(usualPersons) {
		switch {
		case l.partner == p.id && l.kind == referral.CostReward:
			dollars++
			if l.currency != "USD" || l.minor != 1187 { // (92 + 1000) cents at 0.92
				t.Errorf("a reward of %d %s", l.minor, l.currency)
			}
		case l.campaign != "":
			campaign++
		case l.partner == "" && l.kind == referral.CostTooling:
			tools++
		}
		if !l.day.Before(b.w.cal.end) || l.minor <= 0 {
			t.Errorf("cost line %+v", l)
		}
	}
	if dollars != 2 || tools != 15 || campaign != 1 {
		t.Errorf("%d rewards, %d months of tools, %d campaigns", dollars, tools, campaign)
	}
}

// Pooled values take the customers of the months that have lived through an age.
func TestExpectedLTV_pools(t *testing.T) {
	w := testWorld(t, 1, minPartners)
	b := newBook(w)
	p, q := &w.partners[0], &w.partners[1]
	b.won[p.id] = map[int]int64{0: 2, 13: 5} // five in October 2026 have lived through age 0 only
	b.won[q.id] = map[int]int64{5: 1, 14: 9} // November is not over
	b.ringWon[9] = 1
	l := b.expectedLTV()
	vp, vq := p.expectedValue(Horizon), q.expectedValue(Horizon)
	near := func(what string, got, want float64) {
		t.Helper()
		if d := got - want; d > 1e-9*want || d < -1e-9*want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	near("age 0", l.All[0], margin*(7*vp[0]+vq[0])/9)
	near("age 4", l.All[4], margin*(2*vp[4]+vq[4])/4) // the ring of June still counts, with nothing
	near("age 5", l.All[5], margin*(2*vp[5]+vq[5])/3) // and does not any more
	near("age 12", l.All[12], margin*vp[12])          // only September 2025 is that old
	near("partner", l.ByPartner[p.id][3], margin*vp[3])
	near("archetype", l.ByArchetype[string(q.archetype)][8], margin*vq[8])
	if l.ByArchetype[string(q.archetype)][9] != 0 {
		t.Error("a value at an age nobody has lived through")
	}
	if l.Retention[0] != 1 {
		t.Errorf("retention at age 0 is %v", l.Retention[0])
	}
	if _, ok := l.ByPartner[w.partners[3].id]; ok {
		t.Error("a partner without customers has a value")
	}
}

func TestRing_behaviour(t *testing.T) {
	w := testWorld(t, 1, minPartners)
	members := w.newRing()
	byID := map[string]*history{}
	for _, h := range members {
		byID[h.id] = h
	}
	for _, h := range members {
		at := h
		for range ringCircle {
			if at = byID[at.referrer.id]; at == nil {
				t.Fatalf("%s was referred by nobody of the ring", h.id)
			}
		}
		if at != h || h.referrer.id == h.id {
			t.Errorf("%s is not in a circle of %d", h.id, ringCircle)
		}
		net := int64(0)
		for i := range h.events {
			e := &h.events[i]
			if e.name == evInvite || e.partner != w.partners[ringPartner].id || e.referrer != h.referrer.id {
				t.Errorf("%s: %+v", h.id, e)
			}
			if net += e.amount; e.name == evRefund {
				net -= 2 * e.amount
			}
		}
		if len(h.events) != 3 || net != 0 {
			t.Errorf("%s has %d events and keeps %d", h.id, len(h.events), net)
		}
	}
}
