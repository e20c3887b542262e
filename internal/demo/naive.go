package demo

import (
	"strings"
	"time"
)

// step is one stage of a funnel as the demo counts it: an event that satisfies match.
type step struct {
	name  string
	match func(*event) bool
}

func is(name string) step { return step{name, func(e *event) bool { return e.name == name }} }

func paid(s step) step {
	return step{s.name, func(e *event) bool { return s.match(e) && e.status == "paid" }}
}

// The funnels of vouch.yaml, written once more here: the counts in truth.json must not come from the
// engine that they judge.
var (
	referralSteps = []step{is(evInvite), is(evClick), is(evSignup), is(evPurchase)}
	journeySteps  = []step{
		is(evImpression), is(evClick), is(evSignup), is(evOnboarded),
		{evActivated + "_on_web", func(e *event) bool { return e.name == evActivated && e.platform == "web" }},
		paid(step{"paid", is(evPurchase).match}),
	}
)

const (
	referralWindow = 30 * 24 * time.Hour
	journeyWindow  = 60 * 24 * time.Hour
)

// reached is the number of steps of the best chain: from every event of the first step on, try every
// event of the next step that is not earlier, within the window of the first. It tries all chains,
// takes exponential time in principle and next to none for the few events of a person.
func reached(events []event, steps []step, window time.Duration) int {
	best := 0
	var extend func(n int, start, last time.Time, used []int)
	extend = func(n int, start, last time.Time, used []int) {
		if best = max(best, n); n == len(steps) || best == len(steps) {
			return
		}
		for i := range events {
			e := &events[i]
			if !steps[n].match(e) || contains(used, i) {
				continue
			}
			switch {
			case n == 0:
				extend(1, e.at, e.at, append(used, i))
			case !e.at.Before(last) && e.at.Sub(start) <= window:
				extend(n+1, start, e.at, append(used, i))
			}
		}
	}
	extend(0, time.Time{}, time.Time{}, make([]int, 0, len(steps)))
	return best
}

func contains(used []int, i int) bool {
	for _, u := range used {
		if u == i {
			return true
		}
	}
	return false
}

// later reports whether a comes after b in the order that settles ties: time, then id.
func later(a, b *event) bool {
	return a.at.After(b.at) || a.at.Equal(b.at) && strings.Compare(a.id, b.id) > 0
}

// lastTouch is the partner of the latest event with a partner not after the acquisition, empty if
// there is none.
func lastTouch(events []event, acquired time.Time) string {
	var best *event
	for i := range events {
		e := &events[i]
		if e.partner != "" && !e.at.After(acquired) && (best == nil || later(e, best)) {
			best = e
		}
	}
	if best == nil {
		return ""
	}
	return best.partner
}

// lastClick is the partner of the latest click with a partner in the window before a conversion.
func lastClick(events []event, converted time.Time, window time.Duration) string {
	var best *event
	for i := range events {
		e := &events[i]
		if e.name == evClick && e.partner != "" && !e.at.After(converted) && converted.Sub(e.at) <= window && (best == nil || later(e, best)) {
			best = e
		}
	}
	if best == nil {
		return ""
	}
	return best.partner
}
