package demo

import "time"

// sales enters a person's payments: by currency, by partner and by week.
func (b *book) sales(h *history) {
	var acquired time.Time
	net := int64(0)
	for i := range h.events {
		e := &h.events[i]
		b.milestone(e)
		if e.amount == 0 {
			continue
		}
		value := b.w.rates.euros(e.amount, e.currency, e.at)
		sums := b.currencies[e.currency]
		if e.name == evRefund {
			sums.RefundsMinor += e.amount
			value = -value
		} else {
			sums.GrossMinor += e.amount
			b.gross += value
		}
		sums.NetMinor = sums.GrossMinor - sums.RefundsMinor
		b.currencies[e.currency] = sums
		net += value
		week := b.week(h.origin.index, e.at)
		week.net += value
		if e.name != evPurchase {
			continue
		}
		b.touches[lastClick(h.events, e.at, referralWindow)]++
		if acquired.IsZero() {
			acquired = e.at
			week.paying++
			if h.class == invitee && h.referrer.variant == rewardTreatment {
				week.tenPaid++
			}
		}
	}
	b.net += net
	if acquired.IsZero() {
		return
	}
	to := lastTouch(h.events, acquired)
	b.acquired++
	if to == "" {
		b.organic++
	}
	b.credited[to]++
	b.creditedNet[to] += net
	months := b.ringWon
	if h.class != ring {
		if months = b.won[h.origin.id]; months == nil {
			months = map[int]int64{}
			b.won[h.origin.id] = months
		}
	}
	months[b.w.cal.month(acquired)]++
}

// milestone notes a partner's first invite and first customer.
func (b *book) milestone(e *event) {
	if e.partner == "" || e.name != evInvite && e.name != evPurchase {
		return
	}
	f := b.first[e.partner]
	if f == nil {
		f = &firsts{}
		b.first[e.partner] = f
	}
	at := &f.invite
	if e.name == evPurchase {
		at = &f.customer
	}
	if at.IsZero() || e.at.Before(*at) {
		*at = e.at
	}
}

// week returns the sums of a partner in the week of t; organic people have partner -1.
func (b *book) week(partner int, t time.Time) *weekSums {
	k := weekKey{partner, b.w.cal.dayIndex(t) / 7}
	s := b.weekly[k]
	if s == nil {
		s = &weekSums{}
		b.weekly[k] = s
	}
	return s
}

// reward adds up what the referrers of the reward experiment could expect in either arm.
type reward struct {
	units, invitees int64
	anyPaid         [2]float64 // control, treatment: P(somebody paid)
	payers, cents   [2]float64 // expected paying invitees and what they pay
}

// exposed counts the units of experiments: not bots and internal users, but people who referred
// themselves, since a variant may have made them do it. A unit seen in two variants, whoever it is,
// counts in neither.
func (b *book) exposed(h *history) {
	seen := map[string]string{}
	for _, x := range h.exposures {
		if v, ok := seen[x.experiment]; ok && v != x.variant {
			seen[x.experiment] = ""
		} else if !ok {
			seen[x.experiment] = x.variant
		}
	}
	for experiment, variant := range seen {
		if variant == "" {
			b.both[experiment]++
			continue
		}
		if h.class == bot || h.class == internal {
			continue
		}
		if b.units[experiment] == nil {
			b.units[experiment] = map[string]int64{}
		}
		b.units[experiment][variant]++
	}
}

// refer enters a referrer of the reward experiment with the number of its analysed invitees. Each
// pays within the window with probability q·u·v, q the partner's rate, u the referrer's factor and v
// that of the arm; the expectations are sums over the three values of u.
func (b *book) refer(r *referrer, invitees int) {
	if r.variant == "" {
		return
	}
	p := r.partner
	q := p.click * p.signup * p.buy * (1 - lateBuyers)
	t := tariffOf(p.region.currency)
	cents := 0.0
	for i, share := range planShares {
		cents += share * float64(t.prices[i])
	}
	cents *= t.base * float64(pow10(2)) / float64(pow10(exponent(t.currency)))
	x := &b.rewarded
	x.units++
	x.invitees += int64(invitees)
	for arm, v := range [2]float64{1, 1 + rewardLift} {
		for i, u := range effects {
			none := 1.0
			for range invitees {
				none *= 1 - q*u*v
			}
			x.anyPaid[arm] += effectShares[i] * (1 - none)
		}
		x.payers[arm] += q * v * float64(invitees)
		x.cents[arm] += q * v * float64(invitees) * cents
	}
}
