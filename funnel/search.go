package funnel

import "math"

// pass answers a question about the chains of a lane that begin in a span of times and reach their last
// required step at the given time at the latest.
type passer interface {
	pass(l *lane, starts span, q ask, until int64)
	chains() *paths
	trace(id int32, o *outcome)
	closed() int64 // closing time of an attempt, after the last pass
}

// search finds the outcome of a unit: the best level of the chains that end_attempt and reset leave, the
// reference chain among them, the optional steps of all of them, and whether drop_user leaves any.
//
// Each of these is a pass of its own, over the same events: a chain that holds an optional step need not
// be the best one in any other way, and so with one that no exclusion hits.
type search struct {
	p *plan
	f passer
	// tie and any answer a unit without an exclusion event as if the funnel had none; nil where other
	// options ask for passes anyhow.
	tie  *tieGroup
	any  *anyOrder
	best outcome
	cur  outcome
	alt  outcome
	end  int64 // when the unit, as an attempt, is over
}

func newSearch(p *plan) *search {
	s := &search{p: p, best: newOutcome(p), cur: newOutcome(p), alt: newOutcome(p)}
	switch {
	case p.tolerance > 0:
		s.f = newNoisy(p)
	case p.order == unordered:
		s.f = newSets(p)
	default:
		s.f = newGraph(p)
	}
	if bare := *p; len(p.exclusions) > 0 {
		bare.exclusions = nil
		switch {
		case p.order == unordered:
			s.any = newAnyOrder(&bare)
		case bare.fast():
			s.tie = newTieGroup(&bare)
		}
	}
	return s
}

// run evaluates all starts in the span as one unit.
func (s *search) run(l *lane, starts span) *outcome {
	switch excluded := l.excludes(starts.lo); {
	case s.tie != nil && !excluded:
		s.best.clear()
		s.best.level = s.tie.run(l, starts)
		s.tie.chain(l, &s.best)
	case s.any != nil && !excluded:
		return s.any.run(l, starts)
	default:
		s.unit(l, starts)
	}
	return &s.best
}

func (s *search) unit(l *lane, starts span) {
	full, until, drops := s.p.full(), int64(math.MaxInt64), s.drops(l, starts.lo)
	s.best.clear()
	for in, ok := s.class(l, starts, false); ok && in.lo <= until; in, ok = s.after(l, starts, in, false) {
		if s.ask(l, in, ask{must: -1, closes: s.p.totals && !drops}, until) && better(s.p, &s.cur, &s.best) {
			s.best.copyFrom(&s.cur)
		}
		if s.best.level == full {
			until = s.best.last()
		}
	}
	s.end = until
	if s.best.level < full {
		s.end = s.f.closed()
	}
	if s.p.optional && s.best.level > 0 {
		s.optional(l, starts)
	}
	if drops {
		s.drop(l, starts)
	}
}

// ask passes over the lane and fills cur with the best chain found.
func (s *search) ask(l *lane, starts span, q ask, until int64) bool {
	s.f.pass(l, starts, q, until)
	id := s.f.chains().best
	if id >= 0 {
		s.f.trace(id, &s.cur)
	}
	return id >= 0
}

// optional adds the optional steps that chains of the best level contain. Each is judged on its own, and
// its time and event are those of the best chain that contains it.
func (s *search) optional(l *lane, starts span) {
	levels := s.f.chains().levels
	for o := range s.p.steps {
		if !s.p.steps[o].optional || levels[o] > s.best.level || !l.servesAfter(o, starts.lo, s.p.tolerance) {
			continue
		}
		found := false
		for in, ok := s.class(l, starts, false); ok; in, ok = s.after(l, starts, in, false) {
			if s.ask(l, in, ask{must: o, level: s.best.level}, math.MaxInt64) && (!found || better(s.p, &s.cur, &s.alt)) {
				found = true
				s.alt.copyFrom(&s.cur)
			}
		}
		if found {
			setBit(s.best.optional, o)
			s.best.times[o], s.best.rows[o] = s.alt.times[o], s.alt.rows[o]
		}
	}
}

// drops reports whether an exclusion may drop a unit that starts at a time or later.
func (s *search) drops(l *lane, from int64) bool {
	for x := range s.p.exclusions {
		if times := l.excluded[x]; s.p.exclusions[x].policy == dropUser && len(times) > 0 && times[len(times)-1] > from {
			return true
		}
	}
	return false
}

// drop applies drop_user: one chain of the best level that no exclusion hits keeps the unit. In most cases
// the reference chain is one.
func (s *search) drop(l *lane, starts span) {
	closes := s.p.totals && s.best.level < s.p.full()
	kept := s.best.level > 0 && !s.hit(l, &s.best)
	for in, ok := s.class(l, starts, true); ok && (!kept || closes); in, ok = s.after(l, starts, in, true) {
		s.f.pass(l, in, ask{must: -1, level: s.best.level, clean: true, closes: closes}, math.MaxInt64)
		kept = kept || s.f.chains().best >= 0
	}
	if closes {
		s.end = s.f.closed()
	}
	if !kept {
		s.best.clear()
	}
}

// hit reports whether a drop_user exclusion lies in a range that the reference chain entered.
func (s *search) hit(l *lane, o *outcome) bool {
	for x := range s.p.exclusions {
		e, times := &s.p.exclusions[x], l.excluded[x]
		if e.policy != dropUser || e.from >= o.level {
			continue
		}
		i := firstAfter(times, o.times[e.from])
		if i < len(times) && (e.to < o.level && times[i] < o.times[e.to] || e.to >= o.level && times[i] <= s.p.deadline(o)) {
			return true
		}
	}
	return false
}

// class returns the first starts of a span that see the same exclusions within the funnel's window. Of
// chains of such starts, the later one is as good in every way; but where a later start is still open
// when the next exclusion comes, an earlier one may be over. Without exclusions that look at chains
// which go no further, or without a window, all starts are alike.
//
// Cost: one pass for each exclusion event inside the span, over the events within the window of it.
func (s *search) class(l *lane, starts span, clean bool) (span, bool) {
	if starts.lo > starts.hi {
		return span{}, false
	}
	if s.p.window == noLimit {
		return starts, true
	}
	hi := starts.hi
	for x := range s.p.exclusions {
		policy := s.p.exclusions[x].policy
		if policy == endAttempt || policy == dropUser && !clean {
			continue
		}
		if i := firstAfter(l.excluded[x], later(starts.lo, s.p.window)); i < len(l.excluded[x]) {
			hi = min(hi, int64(uint64(l.excluded[x][i])-1-s.p.window))
		}
	}
	return span{starts.lo, hi}, true
}

// after returns the class that follows another.
func (s *search) after(l *lane, starts, in span, clean bool) (span, bool) {
	if in.hi >= starts.hi {
		return span{}, false
	}
	for i := l.from(in.hi + 1); i < len(l.ts) && l.ts[i] <= starts.hi; i++ {
		if l.starts(s.p, i) {
			return s.class(l, span{l.ts[i], starts.hi}, clean)
		}
	}
	return span{}, false
}
