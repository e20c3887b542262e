package demo

import (
	"fmt"
	"time"
)

// Life of a customer, per month of age. The two kinds of customers make the retention curve of a
// cohort flatten with age, as real ones do.
const (
	churnSticky   = 0.04
	churnFleeting = 0.30
	addOnShare    = 0.03 // repeat purchases
	expandShare   = 0.04
	partialShare  = 0.01 // renewals half of which is refunded
)

// customer is life from the first purchase on: a refund ends it, else it renews month by month until
// it leaves. Every payment lies in the calendar month that its number of months after the first
// purchase names.
func (w *world) customer(h *history, s stream, bought time.Time) {
	p := h.origin
	plan, sticky := s.pick(planShares[:]...), s.chance(p.sticky)
	coded, open := s.chance(codeShare), s.chance(openShare)
	price := tariffOf(p.region.currency).prices[plan]
	orders := 0
	pay := func(name string, at time.Time, amount int64) event {
		orders++
		e := event{source: srcBilling, name: name, at: at, amount: amount, currency: p.region.currency, status: "paid", plan: plans[plan]}
		e.order = fmt.Sprintf("o-%s-%02d", h.id, orders)
		if coded && h.class != organic {
			l := h.link(srcBilling, name, at)
			e.partner, e.code, e.referrer, e.channel = l.partner, l.code, l.referrer, l.channel
		}
		return e
	}
	back := func(of event, at time.Time, amount int64) event {
		e := of
		e.name, e.at, e.amount, e.status = evRefund, at, amount, "refunded"
		return e
	}
	first := pay(evPurchase, bought, price)
	if open {
		first.status = "open"
	}
	h.add(w, s, first)
	refunded, refundLag := s.chance(p.refund), (1+9*s.Float64())*dayLen
	if refunded {
		h.add(w, s, back(first, w.cal.unambiguous(w.cal.sameMonth(bought, after(bought, refundLag))), price))
		return
	}
	churn := churnFleeting
	if sticky {
		churn = churnSticky
	}
	for month := 1; ; month++ {
		due := w.cal.monthsAfter(bought, month)
		if s.chance(churn) || !due.Before(w.cal.end) {
			return
		}
		renewal := pay(evRenewal, w.cal.unambiguous(w.cal.sameMonth(due, after(due, minute+s.Float64()*6*hour))), price)
		h.add(w, s, renewal)
		for range s.between(1, 3) {
			h.add(w, s, h.product(s, evUsed, after(due, s.Float64()*27*dayLen)))
		}
		for _, extra := range []struct {
			p    float64
			make func(at time.Time) event
		}{
			{addOnShare, func(at time.Time) event { return pay(evPurchase, at, addOn(price)) }},
			{expandShare, func(at time.Time) event { return pay(evExpansion, at, expansion(price)) }},
			{partialShare, func(at time.Time) event { return back(renewal, at, partial(price)) }},
		} {
			happens, at := s.chance(extra.p), w.cal.unambiguous(w.cal.sameMonth(due, after(due, (1+19*s.Float64())*dayLen)))
			if happens {
				h.add(w, s, extra.make(at))
			}
		}
	}
}

// expectedValue is the expected net revenue of a customer of the partner up to each month of age, in
// cents at the base rates:
//
//	V(a) = P(1−f) + (1−f) Σ_{k=1..a} S(k)·(P + r·addOn + e·expansion − q·partial)
//	S(k) = w(1−c₁)^k + (1−w)(1−c₂)^k
//
// with P the mean price, f the share of refunded first purchases and w the share of sticky customers.
func (p *partner) expectedValue(months int) []float64 {
	t := tariffOf(p.region.currency)
	var price, monthly float64
	for i, share := range planShares {
		v := t.prices[i]
		price += share * float64(v)
		monthly += share * (float64(v) + addOnShare*float64(addOn(v)) + expandShare*float64(expansion(v)) - partialShare*float64(partial(v)))
	}
	cents := t.base
	for range 2 - exponent(t.currency) {
		cents *= 100 / 10
	}
	if exponent(t.currency) > 2 {
		cents /= 10
	}
	out := make([]float64, months+1)
	sum, a, b := price, 1.0, 1.0
	for k := range out {
		if k > 0 {
			a, b = a*(1-churnSticky), b*(1-churnFleeting)
			sum += monthly * (p.sticky*a + (1-p.sticky)*b)
		}
		out[k] = sum * (1 - p.refund) * cents
	}
	return out
}

// expectedRetention is the share of customers who renew in each month of age; age 0 is 1.
func (p *partner) expectedRetention(months int) []float64 {
	out := make([]float64, months+1)
	a, b := 1.0, 1.0
	for k := range out {
		if out[k] = 1; k > 0 {
			a, b = a*(1-churnSticky), b*(1-churnFleeting)
			out[k] = (1 - p.refund) * (p.sticky*a + (1-p.sticky)*b)
		}
	}
	return out
}
