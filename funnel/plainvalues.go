package funnel

// valuePart is how far the chains over a person's events with one value got.
type valuePart struct {
	value       int32
	reached     int8
	from        int32 // row where the reference chain begins
	entry, last int64 // times of the first eligible entry and of the last step reached
}

// byValue counts a person, whose events all together got as far as u, under the values of the breakdown.
func (s *plain) byValue(r *stepRows, lo, hi int, u *latest) {
	value := r.value[lo:hi]
	if s.p.attribution != "all" {
		s.whole(r, lo, hi, s.touch(value), u)
		return
	}
	first, other := value[0], int32(0)
	for _, v := range value {
		other |= v ^ first
	}
	if other == 0 {
		s.whole(r, lo, hi, first, u)
		return
	}
	s.split(r.ts[lo:hi], r.step[lo:hi], value)
	for i := range s.parts {
		p := &s.parts[i]
		if p.reached == 0 {
			continue
		}
		row := s.values.row(p.value)
		row[p.reached]++
		if int(u.level) == len(s.start) {
			row[2*len(s.start)+1+throughColumn]++
		}
		if s.pays(int(p.reached)) {
			s.partMoney(r, lo, hi, p, row)
		}
		if s.k.views.carries {
			s.values.carry(p.value, int(p.reached))
		}
		if s.k.views.censor {
			s.follow(p.value, p.entry, p.last, int(p.reached) == len(s.start))
		}
	}
	s.values.endCarry()
}

// whole counts a person under one value as it is.
func (s *plain) whole(r *stepRows, lo, hi int, value int32, u *latest) {
	row, k := s.values.row(value), len(s.start)
	row[u.level]++
	full := int(u.level) == k
	if full {
		row[2*k+1+throughColumn]++
	}
	if s.pays(int(u.level)) {
		for i, at := range s.chain[:u.level] {
			s.t.addTo(&row[k+1+i], r.money[lo+int(at)])
		}
	}
	if s.k.views.censor {
		s.follow(value, s.starts[0], r.ts[lo+int(u.last)], full)
	}
}

// follow counts what became of the first entry of a unit under a value. Most are watched for the whole window
// without a conversion, and there is nothing to note.
func (s *plain) follow(value int32, entry, last int64, full bool) {
	young := s.young(entry)
	if !young && !full {
		return
	}
	f := followUp{seen: elapsed(entry, s.k.views.end), mature: !young}
	if full && uint64(last)-uint64(entry) <= s.p.window {
		f.converted, f.after = true, elapsed(entry, last)
	}
	s.values.follow(value, f)
}

// touch is the earliest or latest value there is, 0 for none.
func (s *plain) touch(value []int32) int32 {
	label := int32(0)
	for _, v := range value {
		if v != 0 && (label == 0 || s.p.attribution == "last_touch") {
			label = v
		}
	}
	return label
}

// split runs the chains for each value on the events that carry it.
func (s *plain) split(ts []int64, step []int8, value []int32) {
	k := len(s.start)
	s.parts = s.parts[:0]
	for i, v := range value {
		at := 0
		for at < len(s.parts) && s.parts[at].value != v {
			at++
		}
		if at == len(s.parts) {
			s.parts = append(s.parts, valuePart{value: v})
			if need := (at + 1) * k; need > len(s.before) {
				s.before = append(s.before, make([]int32, need-len(s.before))...)
			}
		}
		p, start := &s.parts[at], s.before[at*k:(at+1)*k]
		n := step[i]
		switch {
		case int(p.reached) == k:
		case n == 0:
			if !s.p.starts.contains(ts[i]) || s.p.firstEntry && p.reached > 0 {
				continue
			}
			start[0] = int32(i)
			if p.reached == 0 {
				p.reached, p.from, p.entry, p.last = 1, int32(i), ts[i], ts[i]
			}
		case n <= p.reached && uint64(ts[i])-uint64(ts[start[n-1]]) <= s.p.window:
			start[n] = start[n-1]
			if n == p.reached {
				p.reached++
				p.from, p.last = start[n], ts[i]
			}
		}
	}
}

// partMoney adds the money of the reference chain over the events with a value.
func (s *plain) partMoney(r *stepRows, lo, hi int, p *valuePart, row []int64) {
	money, k := r.money[lo:hi], len(s.start)
	s.t.addTo(&row[k+1], money[p.from])
	if p.reached == 1 {
		return
	}
	step, value := r.step[lo:hi], r.value[lo:hi]
	n := int8(1)
	for i := p.from + 1; n < p.reached; i++ {
		if step[i] == n && value[i] == p.value {
			s.t.addTo(&row[k+1+int(n)], money[i])
			n++
		}
	}
}
