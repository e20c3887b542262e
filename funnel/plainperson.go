package funnel

// latest is what is known of the chains over some events: the level, the row of the first eligible entry, and of
// the reference chain the rows where it begins and ends.
type latest struct{ level, entry, from, last int32 }

// person ends a person, whose events are the rows from lo to hi.
func (s *plain) person(r *stepRows, lo, hi int) error {
	ts, step := r.ts[lo:hi], r.step[lo:hi]
	u, tied := s.read(ts, step)
	if tied {
		return s.evaluate(r, lo, hi)
	}
	if s.k.views.onLevel != nil {
		s.k.views.onLevel(int(u.level))
	}
	s.levels[u.level]++
	if u.level == 0 {
		return nil
	}
	s.links(step, &u)
	if s.pays(int(u.level)) {
		money := r.money[lo:hi]
		for i, row := range s.chain[:u.level] {
			s.t.addTo(&s.money[i], money[row])
		}
	}
	s.times(ts, u.level)
	s.entries(ts, step, &u)
	if s.values != nil {
		s.byValue(r, lo, hi, &u)
	}
	return nil
}

// read finds the chains over the events of a person; tied if some of them share a time. Once the last step
// is reached only the starts are of interest.
func (s *plain) read(ts []int64, step []int8) (u latest, tied bool) {
	p, start := s.p, s.start
	full, reached := int8(len(start)), int8(0)
	s.starts = s.starts[:0]
	before := ts[0]
	for i, t := range ts {
		if t <= before && i > 0 {
			return u, true
		}
		before = t
		n := step[i]
		if n == 0 {
			if !p.starts.contains(t) || p.firstEntry && reached > 0 {
				continue
			}
			s.starts = append(s.starts, t)
			start[0] = int32(i)
			if reached == 0 {
				reached = 1
				u.entry, u.from, u.last = int32(i), int32(i), int32(i)
			}
			continue
		}
		if n <= reached && reached < full && uint64(t)-uint64(ts[start[n-1]]) <= p.window {
			start[n] = start[n-1]
			if n == reached {
				reached++
				u.from, u.last = start[n], int32(i)
			}
		}
	}
	u.level = int32(reached)
	return u, false
}

// links fills the reference chain: from its start, the earliest event of each step after the one before it.
func (s *plain) links(step []int8, u *latest) {
	s.chain[0] = u.from
	if u.level == 1 {
		return
	}
	n := int32(1)
	for i := u.from + 1; n < u.level-1; i++ {
		if int32(step[i]) == n {
			s.chain[n] = i
			n++
		}
	}
	s.chain[u.level-1] = u.last
}

// times notes the durations of the reference chain, and how long who is not complete was watched after it.
func (s *plain) times(ts []int64, level int32) {
	before := ts[s.chain[0]]
	first := before
	if level == 1 && len(s.start) > 1 { // as nearly half of all persons have no more
		if s.k.views.censor && s.young(first) {
			s.alone++
			s.t.waits[1].add(elapsed(first, s.k.views.end))
		}
		return
	}
	for i := int32(1); i < level; i++ {
		t := ts[s.chain[i]]
		s.t.durations[i].add(elapsed(before, t))
		before = t
	}
	switch full := int(level) == len(s.start); {
	case full && level > 1:
		s.t.total.add(elapsed(first, before))
	case !full && s.k.views.censor:
		s.k.views.watched(int(level), first, before)
	}
}

// entries counts what became of the first entry, and the periods of all.
func (s *plain) entries(ts []int64, step []int8, u *latest) {
	v, full := &s.k.views, int(u.level) == len(s.start)
	first, last := s.starts[0], s.starts[len(s.starts)-1]
	s.t.first, s.t.last = min(s.t.first, first), max(s.t.last, last)
	if v.censor {
		young := s.young(first)
		if full && uint64(ts[u.last])-uint64(first) <= s.p.window {
			s.entrants.convert(young)
			s.t.cens.events.add(elapsed(first, ts[u.last]))
		} else if young {
			s.entrants.open++
			s.t.cens.censored.add(elapsed(first, v.end))
			if v.onOpen != nil {
				v.onOpen()
			}
		}
	}
	if v.buckets == nil {
		return
	}
	if full && len(s.starts) > 1 {
		s.trend(ts, step)
		return
	}
	before := -1
	for _, t := range s.starts {
		if at := v.buckets.of(t); at != before {
			v.enter(at, full)
			before = at
		}
	}
}

// pays reports whether a step up to a level may bring money.
func (s *plain) pays(level int) bool { return s.paid&(1<<level-1) != 0 }

// young reports whether the window of an entry is not over.
func (s *plain) young(entry int64) bool { return uint64(elapsed(entry, s.k.views.end)) < s.p.window }

// trend counts a complete person in the periods of its starts, and the conversion in those from which one leads there.
func (s *plain) trend(ts []int64, step []int8) {
	v := &s.k.views
	for i := 0; i < len(s.starts); {
		at := v.buckets.of(s.starts[i])
		j := i + 1
		for j < len(s.starts) && v.buckets.of(s.starts[j]) == at {
			j++
		}
		v.enter(at, i == 0 && j == len(s.starts) || s.complete(ts, step, span{s.starts[i], s.starts[j-1]}))
		i = j
	}
}

// complete reports whether a chain that starts in a span is complete.
func (s *plain) complete(ts []int64, step []int8, starts span) bool {
	reached := int8(0)
	for i, t := range ts {
		switch n := step[i]; {
		case n == 0:
			if starts.contains(t) && s.p.starts.contains(t) {
				s.start[0], reached = int32(i), max(reached, 1)
			}
		case n <= reached && uint64(t)-uint64(ts[s.start[n-1]]) <= s.p.window:
			s.start[n] = s.start[n-1]
			if n == reached {
				if reached++; int(reached) == len(s.start) {
					return true
				}
			}
		}
	}
	return len(s.start) == 1 && reached == 1
}

// evaluate ends a person by the evaluator.
func (s *plain) evaluate(r *stepRows, lo, hi int) error {
	j := &s.journey
	j.reset()
	j.ts, j.value, j.money = r.ts[lo:hi], part(r.value, lo, hi), part(r.money, lo, hi)
	for _, n := range r.step[lo:hi] {
		j.class, j.serve = append(j.class, s.ofStep[n]), append(j.serve, 1<<n)
	}
	return s.k.end(*j)
}

// close ends the last person and writes what was counted into the tally.
func (s *plain) close() error {
	if err := s.endCarried(); err != nil {
		return err
	}
	var entered int64
	for _, n := range s.levels[1:] {
		entered += n
	}
	s.t.entered += entered
	if s.k.views.censor {
		if len(s.start) > 1 {
			s.t.watched[1] += s.levels[1] - s.alone
		}
		c := s.entrants.tally(entered)
		s.t.cens.count(&c)
	}
	addLevels(s.t.steps, s.levels)
	for i, amount := range s.money {
		s.t.addMoney(&s.t.steps[i], amount)
	}
	if s.values != nil {
		s.t.tables = append(s.t.tables, s.values)
	}
	return nil
}
