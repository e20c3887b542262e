package experiments

// capped is the effect without the cap beside that with it; nil for a metric without one, or where the reading has no
// uncapped sums.
func (x *reading) capped(c, t sample) (*Capped, error) {
	if x.metric.Cap == nil || len(c.uncapped.sum) == 0 || len(t.uncapped.sum) == 0 {
		return nil, nil
	}
	var arms [2]sample
	for i, s := range []sample{c, t} {
		o := outcome{joint: s.uncapped}
		var err error
		if o.Moments, err = o.joint.moments(0); err != nil {
			return nil, err
		}
		if arms[i], err = x.kind.arm(o, x.level); err != nil {
			return nil, err
		}
	}
	e, err := x.kind.contrast(arms[0], arms[1], x.level)
	return &Capped{At: max(c.capAt, t.capAt), Units: c.outcome.capped + t.outcome.capped, Uncapped: e.effect}, err
}
