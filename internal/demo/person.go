package demo

import (
	"fmt"
	"math"
	"time"
)

// Delays of the journey in seconds. The cuts add up to less than 30 days from the referrer's start,
// so that neither the funnel's window nor the experiment's cuts a buyer off, save the late ones.
const (
	minute     = 60.0
	hour       = 3600.0
	dayLen     = 86400.0
	inviteSpan = 4 * dayLen
	mostClick  = 2 * dayLen
	mostSignup = 3 * dayLen
	mostBuyLag = 14 * dayLen
)

// buyOrganic is the probability that somebody who came unasked becomes a customer.
const buyOrganic = 0.18

// organicPartner stands for no partner: its empty id is what the sources write.
func organicPartner() *partner {
	return &partner{index: -1, region: regions[0], click: 1, signup: 1, buy: buyOrganic, sticky: logistic(0.9), refund: 0.04}
}

// newPerson draws the history of person i, whose group has referrer r.
func (w *world) newPerson(i int, r *referrer) *history {
	s := newStream(w.seed, kindPerson, i)
	h := &history{index: i, id: fmt.Sprintf("p%07d", i), origin: r.partner, referrer: r}
	h.class = class(s.pick(1-organicShare-botShare-internalShare-selfShare, organicShare, botShare, internalShare, selfShare))
	h.name = personName(s)
	if s.chance(aliasShare) {
		h.alias = fmt.Sprintf("anon-%08x", uint32(hash(w.seed, "alias", uint64(i))))
	}
	switch h.class {
	case organic:
		h.origin, h.referrer = organicPartner(), nil
		w.walkIn(h, s)
	case bot:
		w.crawl(h, s)
	case invitee, internal, selfReferral, ring:
		w.invited(h, s)
	}
	h.country = h.origin.region.country
	h.settle()
	return h
}

// link is an event that carries the referral: who, with which code, for whom.
func (h *history) link(source, name string, at time.Time) event {
	e := event{source: source, name: name, at: at, channel: "referral", partner: h.origin.id}
	if r := h.referrer; r != nil {
		e.referrer, e.code = r.id, r.code
		e.campaign = "always-on"
	}
	if h.class == selfReferral { // people who refer themselves, half of them under their other name
		e.referrer, e.code = h.id, "VO-S"+h.id[1:]
		if h.alias != "" {
			e.referrer = h.alias
		}
	}
	if h.class == organic {
		e.channel = "organic"
	}
	return e
}

// web is a link event seen by a browser.
func (h *history) web(s stream, name string, at time.Time) event {
	e := h.link(srcWeb, name, at)
	e.agent, e.device = choose(s, browsers), choose(s, []string{"desktop", "phone", "phone", "tablet"})
	e.landing = choose(s, []string{"/", "/invite", "/pricing"})
	if h.class == bot {
		e.agent = choose(s, crawlers)
	}
	return e
}

// impressions shows the partner's content some times before t and returns when first; zero if never.
func (w *world) impressions(h *history, s stream, p float64, t time.Time) {
	seen, n := s.chance(p), s.between(1, 3)
	if !seen {
		return
	}
	var first time.Time
	for range n {
		at := after(t, -(minute + s.Float64()*3*dayLen))
		h.add(w, s, h.web(s, evImpression, at))
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	h.exposures = append(h.exposures, w.banner(s, h.id, string(h.origin.archetype), first)...)
}

// invited is the journey of somebody who was invited.
func (w *world) invited(h *history, s stream) {
	p, r := h.origin, h.referrer
	sent := after(r.start, minute+s.Float64()*(inviteSpan-minute))
	w.impressions(h, s, 0.6, sent)
	h.add(w, s, h.link(srcInvites, evInvite, sent))
	again, gap := s.chance(resentShare), 3+6*s.Float64()
	if again {
		h.add(w, s, h.link(srcInvites, evInvite, after(sent, gap*dayLen)))
	}
	clicks, clickLag, tie := s.chance(p.click), s.expo(10*hour, mostClick), s.chance(0.02)
	if h.class != invitee {
		clicks = true
	}
	if !clicks {
		return
	}
	if tie {
		clickLag = 0
	}
	clicked := after(sent, clickLag)
	h.add(w, s, h.web(s, evClick, clicked))
	if s.chance(0.2) {
		h.add(w, s, h.web(s, evClick, after(clicked, s.Float64()*hour)))
	}
	h.exposures = append(h.exposures, w.landing(s, h.id, string(p.archetype), clicked)...)
	signs, lag, tie := s.chance(p.signup), s.expo(6*hour, mostSignup), s.chance(0.03)
	if h.class != invitee {
		signs = true
	}
	if !signs {
		return
	}
	if tie {
		lag = 0
	}
	buy := p.buy * r.effect * r.lift()
	if h.class != invitee && p.index != zeroPartner {
		buy = 0.8
	}
	signed := w.member(h, s, sent, after(clicked, lag), buy)
	cross, crossLag := s.chance(crossShare), minute+s.Float64()*10*dayLen
	if cross && h.class == invitee {
		w.cross(h, s, after(signed, crossLag))
	}
}

// cross is a click on the link of another partner who is active then and can win customers.
func (w *world) cross(h *history, s stream, at time.Time) {
	day := w.cal.dayIndex(at)
	other := w.partnerOf("cross", h.index, func(p *partner) bool {
		return p != h.origin && p.index != zeroPartner && p.from <= day && day < p.to
	})
	if other == nil {
		return
	}
	e := h.web(s, evClick, at)
	e.partner, e.referrer, e.code, e.campaign = other.id, "", "", "spring"
	h.add(w, s, e)
}

// walkIn is the journey of somebody nobody invited.
func (w *world) walkIn(h *history, s stream) {
	signed := w.cal.within(s, 0, w.cal.days)
	w.impressions(h, s, 0.5, signed)
	w.member(h, s, signed, signed, h.origin.buy)
}

// crawl is a bot: it sees, it clicks, and once in a while it signs up.
func (w *world) crawl(h *history, s stream) {
	at := after(h.referrer.start, minute+s.Float64()*inviteSpan)
	w.impressions(h, s, 1, at)
	for range s.between(1, 4) {
		h.add(w, s, h.web(s, evClick, after(at, s.Float64()*minute)))
	}
	h.exposures = append(h.exposures, w.landing(s, h.id, string(h.origin.archetype), at)...)
	if s.chance(0.2) {
		h.add(w, s, h.product(s, evSignup, after(at, 2*minute)))
	}
}

// product is an event of the product; the sign-up still knows the referral.
func (h *history) product(s stream, name string, at time.Time) event {
	e := event{source: srcProduct, name: name, at: at}
	if name == evSignup {
		e = h.link(srcProduct, name, at)
	}
	e.platform = []string{"web", "ios", "android"}[s.pick(6, 2, 2)]
	return e
}

// member is life from the sign-up on; it returns when the sign-up was. Buying comes 14 days after it
// at most, or for late buyers 31 to 80 days after the invite.
func (w *world) member(h *history, s stream, sent, signed time.Time, buy float64) time.Time {
	buys, lag, tie := s.chance(buy), s.expo(4*dayLen, mostBuyLag), s.chance(0.02)
	late, lateLag := s.chance(lateBuyers), (31+49*s.Float64())*dayLen
	bought := w.cal.unambiguous(after(signed, lag+1))
	if late {
		bought = w.cal.unambiguous(after(sent, lateLag))
	} else if tie && buys { // the whole second that billing can write
		signed = w.cal.unambiguous(after(signed, 1))
		bought = signed
	}
	h.add(w, s, h.product(s, evSignup, signed))
	room, onboards, activates := 14*dayLen, 0.6, 0.5
	if buys {
		room, onboards, activates = bought.Sub(signed).Seconds(), 0.9, 0.85
	}
	onboards2, u := s.chance(onboards), s.Float64()
	onboarded := after(signed, u*math.Min(dayLen, room/2))
	activates2, u := s.chance(activates), s.Float64()
	activated := after(onboarded, u*math.Min(2*dayLen, room/3))
	if onboards2 {
		h.add(w, s, h.product(s, evOnboarded, onboarded))
		if activates2 {
			h.add(w, s, h.product(s, evActivated, activated))
		}
	}
	for range s.between(0, 3) {
		h.add(w, s, h.product(s, evUsed, after(signed, s.Float64()*14*dayLen)))
	}
	if buys {
		w.customer(h, s, bought)
	}
	return signed
}
