package demo

import (
	"time"
)

// book keeps count while the world unfolds, person by person, so that nobody has to be remembered.
type book struct {
	w    *world
	rows Rows
	flag Flagged

	referral, journey funnelBook
	byPartner         map[string]*funnelBook

	currencies map[string]CurrencySums
	gross, net int64

	acquired, organic int64
	credited          map[string]int64         // customers by last touch
	creditedNet       map[string]int64         // their net revenue in cents
	won               map[string]map[int]int64 // customers by the partner they came through and month
	ringWon           map[int]int64            // those of the fraud ring by month, not in won
	touches           map[string]int64         // purchases by last click within 30 days; "" none

	first    map[string]*firsts
	weekly   map[weekKey]*weekSums
	rewarded reward
	units    map[string]map[string]int64 // experiment, variant
	both     map[string]int64
}

// firsts are the first successes of a partner.
type firsts struct{ invite, customer time.Time }

// weekKey is a partner in a week of the period, counted from its first Monday on.
type weekKey struct{ partner, week int }

// weekSums is what commissions and rewards of a week are reckoned from.
type weekSums struct {
	net     int64 // cents
	paying  int64 // first purchases
	tenPaid int64 // first purchases of invitees of referrers who were promised ten euros
}

// funnelBook counts a funnel and adds up the probabilities its people had.
type funnelBook struct {
	persons  []int64
	prob     []float64
	entered  int64
	mature   int64
	probMat  []float64
	complete bool // the probabilities are known
}

func newFunnelBook(steps int, complete bool) funnelBook {
	return funnelBook{persons: make([]int64, steps), prob: make([]float64, steps), probMat: make([]float64, steps), complete: complete}
}

func newBook(w *world) *book {
	b := &book{
		w:    w,
		rows: Rows{BySource: map[string]int64{}, Duplicates: map[string]int64{}, Excluded: map[string]int64{}, Events: map[string]int64{}},

		referral: newFunnelBook(len(referralSteps), true), journey: newFunnelBook(len(journeySteps), false),
		byPartner: map[string]*funnelBook{}, currencies: map[string]CurrencySums{},
		credited: map[string]int64{}, creditedNet: map[string]int64{}, won: map[string]map[int]int64{}, ringWon: map[int]int64{}, touches: map[string]int64{},
		first: map[string]*firsts{}, weekly: map[weekKey]*weekSums{},
		units: map[string]map[string]int64{}, both: map[string]int64{},
	}
	for _, s := range sources {
		b.rows.BySource[s], b.rows.Duplicates[s] = 0, 0
	}
	return b
}

// enter takes one history into the books.
func (b *book) enter(h *history) {
	for i := range h.events {
		e := &h.events[i]
		b.rows.BySource[e.source]++
		if e.earlier != nil {
			b.rows.BySource[e.source]++
			b.rows.Duplicates[e.source]++
		}
	}
	switch h.class {
	case bot:
		b.flag.Bots = append(b.flag.Bots, h.id)
	case internal:
		b.flag.Internal = append(b.flag.Internal, h.id)
	case selfReferral:
		b.flag.SelfReferrals = append(b.flag.SelfReferrals, h.id)
	case ring:
		b.flag.FraudRing = append(b.flag.FraudRing, h.id)
	case invitee, organic:
	}
	b.exposed(h)
	if r := h.class.reason(); r != "" {
		b.rows.Excluded[r] += int64(len(h.events))
		return
	}
	b.rows.Persons++
	for i := range h.events {
		b.rows.Analysed++
		b.rows.Events[h.events[i].name]++
		if h.events[i].late {
			b.rows.Late++
		}
	}
	b.funnels(h)
	b.sales(h)
}

// funnels counts the person in the funnels it entered. The expected rates are those of the invitees:
// nobody else is sent an invite.
func (b *book) funnels(h *history) {
	b.journey.count(reached(h.events, journeySteps, journeyWindow))
	level := reached(h.events, referralSteps, referralWindow)
	b.referral.count(level)
	if level == 0 {
		return
	}
	var sent time.Time
	for i := range h.events {
		if h.events[i].name == evInvite {
			sent = h.events[i].at
			break
		}
	}
	p := h.origin
	mature := b.w.cal.end.Sub(sent) >= referralWindow
	buys := p.click * p.signup * p.buy * h.referrer.lift() * (1 - lateBuyers)
	b.referral.expect([]float64{1, p.click, p.click * p.signup, buys}, mature)
	lane := b.byPartner[p.id]
	if lane == nil {
		f := newFunnelBook(len(referralSteps), true)
		lane = &f
		b.byPartner[p.id] = lane
	}
	var own []event
	for i := range h.events {
		if h.events[i].partner == p.id {
			own = append(own, h.events[i])
		}
	}
	lane.count(reached(own, referralSteps, referralWindow))
	lane.expect([]float64{1, p.click, p.click * p.signup, buys * codeShare}, mature)
}

func (f *funnelBook) count(level int) {
	for i := range level {
		f.persons[i]++
	}
}

func (f *funnelBook) expect(prob []float64, mature bool) {
	f.entered++
	for i, p := range prob {
		f.prob[i] += p
		if mature {
			f.probMat[i] += p
		}
	}
	if mature {
		f.mature++
	}
}

// steps writes the funnel for truth.json.
func (f *funnelBook) steps(steps []step) []FunnelStep {
	out := make([]FunnelStep, len(steps))
	for i, s := range steps {
		out[i] = FunnelStep{Name: s.name, Persons: f.persons[i]}
		if f.complete && f.entered > 0 {
			v := f.prob[i] / float64(f.entered)
			out[i].Rate = &v
		}
		if f.complete && f.mature > 0 {
			v := f.probMat[i] / float64(f.mature)
			out[i].MaturedRate = &v
		}
	}
	return out
}
