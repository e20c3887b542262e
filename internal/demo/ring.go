package demo

import (
	"fmt"
	"time"
)

// The fraud ring has ringSize people in circles of ringCircle.
const (
	ringSize   = 12
	ringCircle = 3
)

// ringDay is the local day on which the ring signs up.
const ringDay = "2026-06-08"

// newRing draws the fraud ring: people who refer each other in circles, sign up within an hour from
// one device, buy the dearest plan at once and take the money back some days later. They were never
// sent an invite, so the rates of the referral funnel do not depend on them; their partner's sales
// do. Nothing but their behaviour gives them away: finding them is up to the fraud flags.
func (w *world) newRing() []*history {
	s := newStream(w.seed, kindRing, 0)
	at := w.cal.date(ringDay).Add(23 * time.Hour)
	out := make([]*history, ringSize)
	for i := range out {
		h := &history{index: -1 - i, id: ringID(i), class: ring, origin: &w.partners[ringPartner], name: personName(s)}
		h.country = h.origin.region.country
		h.referrer = &referrer{id: ringID(i - i%ringCircle + (i+1)%ringCircle), code: "VO-R" + ringID(i)[5:], partner: h.origin}
		signed := after(at, s.Float64()*hour)
		bought := w.cal.unambiguous(after(signed, 1+s.Float64()*10*minute))
		sign := h.product(s, evSignup, signed)
		sign.platform = "web"
		sign.device = "d-5f0c1a"
		h.add(w, s, sign)
		buy := h.link(srcBilling, evPurchase, bought)
		currency := h.origin.region.currency
		buy.amount, buy.currency, buy.status, buy.plan = tariffOf(currency).prices[2], currency, "paid", plans[2]
		buy.order = fmt.Sprintf("o-%s-%02d", h.id, 1)
		h.add(w, s, buy)
		back := buy
		back.name, back.status, back.at = evRefund, "refunded", w.cal.unambiguous(after(bought, (1+2*s.Float64())*dayLen))
		h.add(w, s, back)
		h.settle()
		out[i] = h
	}
	return out
}

func ringID(i int) string { return fmt.Sprintf("q%07d", 4711+i) }

// own is the history of the referrer itself: it opens the page from which it invites. It has been a
// customer since before the period.
func (w *world) own(r *referrer) *history {
	s := newStream(w.seed, kindReferrer+"/own", r.index)
	h := &history{index: r.index, id: r.id, class: organic, origin: r.partner, name: personName(s), country: r.partner.region.country}
	h.add(w, s, h.product(s, evUsed, after(r.start, -minute)))
	for range r.opens {
		h.add(w, s, h.product(s, evUsed, after(r.start, s.Float64()*30*dayLen)))
	}
	if r.variant != "" {
		h.exposures = []exposure{{rewardName, r.id, r.variant, r.start, string(r.partner.archetype)}}
	}
	h.settle()
	return h
}
