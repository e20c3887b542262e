package experiments

// withoutCap are the arms as they were before a cap; missing where the reading has no uncapped sums.
func withoutCap(capped []outcome) ([]outcome, error) {
	out := make([]outcome, len(capped))
	for i, o := range capped {
		if len(o.uncapped.sum) == 0 {
			out[i].missing = true
			continue
		}
		m, err := o.uncapped.moments(0)
		if err != nil {
			return nil, err
		}
		out[i] = outcome{Moments: m, joint: o.uncapped}
	}
	return out, nil
}

// capped is the effect of arm i without the cap beside that with it; nil for a metric without one.
func (x *reading) capped(i int) (*Capped, error) {
	if x.uncapped == nil {
		return nil, nil
	}
	e, err := x.contrast(x.uncapped[0], x.uncapped[i])
	c, t := x.arms[0].outcome, x.arms[i].outcome
	return &Capped{At: max(c.capAt, t.capAt), Units: c.capped + t.capped, Uncapped: e.effect}, err
}
