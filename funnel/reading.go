package funnel

// reading is the funnel under a stricter reading of one option: times that increase, clocks without
// noise. It is asked only of who converted, and counts the conversions that it does not have.
type reading struct {
	p plan
	e *evaluator
	// doubtful is the distance between neighbouring events up to which the readings can differ.
	doubtful uint64
}

// newReading changes one option of a plan.
func newReading(p *plan, doubtful uint64, change func(*plan)) *reading {
	r := &reading{p: *p, doubtful: doubtful}
	change(&r.p)
	r.e = newEvaluator(&r.p, nil, false)
	return r
}

// tieReading is the one in which times increase; nil where they do already, and under a tolerance, which
// excludes that option.
func tieReading(p *plan) *reading {
	if p.increasing || p.tolerance > 0 {
		return nil
	}
	return newReading(p, 0, func(s *plan) { s.increasing = true })
}

// noiseReading is the one without tolerance; nil where there is none.
func noiseReading(p *plan) *reading {
	if p.tolerance == 0 {
		return nil
	}
	return newReading(p, p.tolerance, func(s *plan) { s.tolerance = 0 })
}

// lost is the number of conversions of a person, of those given, that the reading does not have. The
// events must be sorted by time.
func (r *reading) lost(of *evaluator, conversions int64) (int64, error) {
	if r == nil || conversions == 0 || !r.differs(of) {
		return 0, nil
	}
	r.e.journey, r.e.classes = of.journey, of.classes
	if err := r.e.seal(); err != nil {
		return 0, err
	}
	for _, o := range r.e.run(selection{}, always, false) {
		if o.level == r.p.full() {
			conversions--
		}
	}
	return max(0, conversions), r.e.err()
}

// differs reports whether some events that serve steps lie so close that the readings can disagree.
func (r *reading) differs(of *evaluator) bool {
	last, w := -1, r.p.words
	for i, t := range of.ts {
		if empty(of.serve[i*w : (i+1)*w]) {
			continue
		}
		if last >= 0 && within(of.ts[last], t, r.doubtful) {
			return true
		}
		last = i
	}
	return false
}
