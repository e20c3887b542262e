package experiments

// largeShare is the share of an arm's sum (of a ratio: its denominator) in one unit from which that unit alone moves the arm.
const largeShare = 0.1

// weighed is the place of the variable whose largest unit is read: the denominator of a ratio, the value of a mean.
func (m Metric) weighed() (variable int, ok bool) {
	switch m.Kind {
	case KindRatio:
		return 1, true
	case KindMean:
		return 0, true
	}
	return 0, false
}

// largestShare is the share of that unit in its arm; 0 where none was read or nothing adds up.
func (o outcome) largestShare(variable int) float64 {
	if variable >= len(o.joint.sum) || o.largest <= 0 || o.joint.sum[variable].Sign() <= 0 {
		return 0
	}
	return o.largest / float(o.joint.sum[variable])
}

// largeUnits names arms in which one unit makes up more than largeShare: what it did moves the whole arm. Of means only where units
// are so many that this is no matter of their number; too few are told as such.
func (x *reading) largeUnits(arms []arm, found *collector) {
	variable, ok := x.metric.weighed()
	if !ok {
		return
	}
	for i, s := range x.arms {
		share := s.largestShare(variable)
		switch {
		case share <= largeShare || x.metric.Kind == KindMean && s.N < fewUnits:
		case x.metric.Kind == KindRatio:
			found.add("large-unit", x.metric.Name, "One unit of %s holds %.0f %% of the denominator of %s.", arms[i].name, 100*share, x.metric.Name)
		default:
			found.add("large-unit", x.metric.Name, "One unit of %s holds %.0f %% of the sum of %s: it moves the effect by itself, and a cap shows the effect without its weight.", arms[i].name, 100*share, x.metric.Name)
		}
	}
}
