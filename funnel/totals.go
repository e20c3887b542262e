package funnel

// attempts splits a lane into disjoint attempts, greedy in time, and calls each for every attempt of
// level 1 or more. The events of one time start one attempt.
//
// An attempt is over when its earliest surviving complete chain is complete. Otherwise it is when the last
// of its chains that no exclusion crosses can no longer go on: at its deadline, at the first exclusion in a
// range it entered and did not leave, or, in strict orders, the moment before the event that breaks it
// (which may start the next attempt). So attempts pass over disjoint events, but for those that look
// beyond their end for an optional step or for a chain that drop_user leaves.
func (s *search) attempts(l *lane, starts span, each func(*outcome)) {
	if s.any != nil && !l.excludes(starts.lo) {
		s.any.attempts(l, starts, each)
		return
	}
	for i := l.from(starts.lo); i < len(l.ts) && l.ts[i] <= starts.hi; {
		if !l.starts(s.p, i) {
			i++
			continue
		}
		s.unit(l, span{l.ts[i], l.ts[i]})
		if s.best.level > 0 {
			each(&s.best)
		}
		if s.p.firstEntry {
			return
		}
		i = max(firstAfter(l.ts, s.end), l.groupEnd(i))
	}
}

// reaches reports whether the reference chain of the attempt that begins like an outcome has its times.
func (s *search) reaches(l *lane, o *outcome) bool {
	found := s.ask(l, span{o.start(), o.start()}, ask{must: -1}, o.last())
	return found && !better(s.p, o, &s.cur) && !better(s.p, &s.cur, o)
}
