package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Names of the events, in the order of a journey.
const (
	evImpression = "impression"
	evInvite     = "invite_sent"
	evClick      = "invite_clicked"
	evSignup     = "signed_up"
	evOnboarded  = "onboarding_completed"
	evActivated  = "activated"
	evUsed       = "used"
	evPurchase   = "purchase"
	evRenewal    = "renewal"
	evExpansion  = "expansion"
	evRefund     = "refund"
)

// Names of the event sources in vouch.yaml.
const (
	srcWeb     = "web"
	srcInvites = "invites"
	srcProduct = "product"
	srcBilling = "billing"
)

// sources lists the event sources in the order of their first events.
var sources = []string{srcWeb, srcInvites, srcProduct, srcBilling}

// event is one event as the world knows it, whatever file it goes to.
type event struct {
	id, source string
	person     string // the person; as is written where the person is known by an alias
	as         string
	name       string
	at         time.Time
	received   time.Time
	referrer   string
	code       string
	partner    string
	channel    string
	campaign   string
	order      string
	amount     int64 // minor units, positive; refunds too
	currency   string
	status     string
	// agent, device and landing are properties of web events, platform of product events, plan of
	// product and billing events.
	agent, device, landing, platform, plan string

	// earlier is a row with the same id that this one replaced; nil without one.
	earlier *replaced
	late    bool
}

// replaced is what a superseded row said.
type replaced struct {
	received time.Time
	amount   int64
}

// class is the kind of a person.
type class int

const (
	invitee class = iota
	organic
	bot
	internal
	selfReferral
	ring
)

// reason is the word under which a class is kept out of analyses; empty for those kept in.
func (c class) reason() string {
	switch c {
	case bot:
		return "bot"
	case internal:
		return "internal"
	case selfReferral:
		return "self_referral"
	case invitee, organic, ring:
	}
	return ""
}

// history is everything that happens to one person before the end of the demo.
type history struct {
	index     int
	id, alias string
	name      string
	country   string
	class     class
	origin    *partner  // whose programme it came through; the organic one for organic people
	referrer  *referrer // nil for organic people
	events    []event
	exposures []exposure

	seq int
}

// shares of the classes, of people with a late second wave of buying and of small misfortunes. Each
// is a judgement of what a mid-sized programme sees.
const (
	organicShare  = 0.2
	botShare      = 0.01
	internalShare = 0.004
	selfShare     = 0.006

	aliasShare    = 0.1   // known by an anonymous id before the sign-up
	lateShare     = 0.03  // events that arrive days late
	replacedShare = 0.015 // events written twice
	crossShare    = 0.15  // sign-ups that also click another partner's link
	resentShare   = 0.08  // invites sent twice
	codeShare     = 0.9   // purchases that carry the partner's code
	lateBuyers    = 0.06  // buyers who buy 31 to 80 days after the invite
	openShare     = 0.02  // purchases on account, not yet paid
)

// add appends an event unless it lies beyond the end, and draws how it arrives. The delays are drawn
// in every case, so that the end of the demo does not shift later draws.
func (h *history) add(w *world, s stream, e event) {
	h.seq++
	e.id = fmt.Sprintf("%c-%s-%02d", e.source[0], h.id, h.seq)
	e.person, e.as = h.id, h.id
	e.at = e.at.UTC()
	lag, days, late := s.Float64()*20, 1+s.Float64()*8, s.chance(lateShare)
	twice, wait, off := s.chance(replacedShare), 3+s.Float64()*40, int64(1+s.IntN(9))*100
	if !e.at.Before(w.cal.end) {
		return
	}
	e.received = after(e.at, lag)
	if late {
		e.received = after(e.at, days*86400)
	}
	first := e.received
	if twice {
		e.received = after(first, wait*3600)
	}
	if e.source == srcBilling {
		first, e.received = w.cal.unambiguous(first.Add(time.Second)), w.cal.unambiguous(e.received.Add(time.Second))
	}
	if !e.received.Before(w.cal.end) { // it cannot have arrived after the files were written
		e.received = e.at
		if first = e.at; twice {
			twice = false
		}
	}
	e.late = e.received.Sub(e.at) >= 24*time.Hour
	if twice {
		e.earlier = &replaced{received: first, amount: e.amount}
		if e.amount > 0 {
			e.earlier.amount += off
		}
	}
	h.events = append(h.events, e)
}

// settle orders the events by time and id and writes the early ones under the alias.
func (h *history) settle() {
	slices.SortFunc(h.events, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
	if h.alias == "" {
		return
	}
	for i := range h.events {
		e := &h.events[i]
		if e.name == evSignup {
			return
		}
		if e.source == srcWeb {
			e.as = h.alias
		}
	}
}
