package demo

// truth closes the books.
func (b *book) truth(o Options, costs []costLine) *Truth {
	b.flag.sorted()
	t := &Truth{
		Schema: "vouch.truth/1", Seed: o.Seed, Size: Size{o.Persons, o.Partners},
		AsOf: lastDay, Zone: zoneName, Currency: home, Margin: marginText,
		Rows: b.rows, Flagged: b.flag,
		Special: map[string]string{
			"zero_conversions": b.w.partners[zeroPartner].id,
			"fraud_ring":       b.w.partners[ringPartner].id,
		},
		Funnels: map[string]Funnel{
			"referral": {Steps: b.referral.steps(referralSteps), By: map[string][]FunnelStep{}},
			"journey":  {Steps: b.journey.steps(journeySteps)},
		},
		Revenue:      Revenue{ByCurrency: b.currencies, GrossMinor: b.gross, RefundsMin: b.gross - b.net, NetMinor: b.net, CostByKind: map[string]int64{}},
		Acquisitions: Acquired{Total: b.acquired, Organic: b.organic, LastTouch: map[string]int64{}},
		Touches:      b.touches,
		Credited:     map[string]PartnerSums{},
		LTV:          b.expectedLTV(),
		Experiments:  b.experiments(),
	}
	for i := range b.w.partners {
		p := &b.w.partners[i]
		if p.name == hostileName {
			t.Special["hostile_name"] = p.id
		}
		if f := b.byPartner[p.id]; f != nil {
			t.Funnels["referral"].By[p.id] = f.steps(referralSteps)
		}
	}
	spent := map[string]int64{}
	for _, l := range costs {
		v := b.w.rates.euros(l.minor, l.currency, l.day)
		spent[l.partner] += v
		t.Revenue.CostMinor += v
		t.Revenue.CostByKind[string(l.kind)] += v
	}
	for _, id := range append([]string{""}, b.partnerIDs()...) {
		t.Credited[id] = PartnerSums{b.credited[id], b.creditedNet[id], spent[id]}
		if id != "" {
			t.Acquisitions.LastTouch[id] = b.credited[id]
		}
	}
	return t
}

func (b *book) partnerIDs() []string {
	var ids []string
	for i := range b.w.partners {
		ids = append(ids, b.w.partners[i].id)
	}
	return ids
}

// experiments states the true effects.
func (b *book) experiments() map[string]Experiment {
	null := func(metrics ...string) map[string]Effect {
		m := map[string]Effect{}
		for _, n := range metrics {
			m[n] = Effect{}
		}
		return m
	}
	half := func(control, treatment string, share float64) map[string]float64 {
		return map[string]float64{control: 1 - share, treatment: share}
	}
	units := func(name, control, treatment string) map[string]int64 {
		return map[string]int64{control: b.units[name][control], treatment: b.units[name][treatment]}
	}
	return map[string]Experiment{
		rewardName: {
			Unit: "referrer", Planned: half(rewardControl, rewardTreatment, 0.5), Shares: half(rewardControl, rewardTreatment, 0.5),
			Units:   units(rewardName, rewardControl, rewardTreatment),
			Effects: b.rewarded.effects(),
		},
		landingName: {
			Unit: "person", Planned: half(landingControl, landingTreatment, 0.5), Shares: half(landingControl, landingTreatment, 0.5),
			Units: units(landingName, landingControl, landingTreatment), Both: b.both[landingName],
			Effects: null("signed_up", "paid", "revenue"),
		},
		bannerName: {
			Unit: "person", Planned: half(bannerControl, bannerTreatment, 0.5), Shares: half(bannerControl, bannerTreatment, bannerShare()),
			Units: units(bannerName, bannerControl, bannerTreatment), Both: b.both[bannerName], SRM: true,
			Effects: null("paid"),
		},
	}
}

// effects are the metrics of the reward experiment per referrer, and per invitee where the name says
// so.
func (r *reward) effects() map[string]Effect {
	effect := func(v [2]float64, n int64) Effect {
		if n == 0 || v[0] == 0 {
			return Effect{}
		}
		c, t := v[0]/float64(n), v[1]/float64(n)
		return Effect{Arms: map[string]float64{rewardControl: c, rewardTreatment: t}, Effect: t - c, Lift: t/c - 1}
	}
	value := [2]float64{margin * r.cents[0], margin*r.cents[1] - rewardCents*r.payers[1]}
	return map[string]Effect{
		"value":            effect(value, r.units),
		"paid":             effect(r.anyPaid, r.units),
		"revenue":          effect(r.cents, r.units),
		"payers":           effect(r.payers, r.units),
		"paid_per_invitee": effect(r.payers, r.invitees),
	}
}

// kinds of service requests and contacts, by the contract.
var (
	requestKinds = []string{"payment", "tracking", "material", "account"}
	contactKinds = []string{"review", "training", "co_marketing", "update"}
	onboardSteps = []string{"applied", "approved", "link_live", "first_referral", "first_customer"}
)
