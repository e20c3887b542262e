package stats

import (
	"math"

	"vouch/referral"
)

// WaldDifference returns d ∓ z √(p_T q_T/n_T + p_C q_C/n_C), clipped to [−1,1]: without width when
// nobody or everybody converts, so Newcombe is preferred.
// Source: Newcombe (1998), Statistics in Medicine 17, 873–890, method 1.
// Checked against: table II of that paper, in score_test.go.
func WaldDifference(c, t Counts, level float64) (ShareDifference, error) {
	out, err := startDifference(c, t, level)
	if err != nil || out.Reason != "" {
		return out, err
	}
	pc, pt := c.rate(), t.rate()
	h := criticalZ(level) * math.Sqrt(pt*(1-pt)/float64(t.Trials)+pc*(1-pc)/float64(c.Trials))
	out.limits(pt-pc-h, pt-pc+h)
	return out, nil
}

// AgrestiCaffo adds one success and one failure to each arm before Wald's interval; the estimate stays
// the observed difference.
// Source: Agresti and Caffo (2000), The American Statistician 54, 280–288.
// Checked against: the formula by hand, in score_test.go.
func AgrestiCaffo(c, t Counts, level float64) (ShareDifference, error) {
	out, err := startDifference(c, t, level)
	if err != nil || out.Reason != "" {
		return out, err
	}
	shifted, err := WaldDifference(Counts{c.Successes + 1, c.Trials + 2}, Counts{t.Successes + 1, t.Trials + 2}, level)
	out.Lower, out.Upper = shifted.Lower, shifted.Upper
	return out, err
}

// NewcombeCC is Newcombe with the continuity-corrected limits of the single shares (method 11).
// Source: Newcombe (1998), Statistics in Medicine 17, 873–890.
// Checked against: table II of that paper, in score_test.go.
func NewcombeCC(c, t Counts, level float64) (ShareDifference, error) {
	return hybrid(c, t, level, wilsonCC)
}

// Mee returns all differences d that the score test does not reject.
//
//	|d̂ − d| / √(p̃_T q̃_T/n_T + p̃_C q̃_C/n_C) ≤ z, p̃ the maximum likelihood estimates with p_T − p_C = d
//
// Source: Mee (1984), Biometrics 40, 1175–1176.
// Checked against: table II of Newcombe (1998), Statistics in Medicine 17, 873–890, in score_test.go.
func Mee(c, t Counts, level float64) (ShareDifference, error) { return scoreDifference(c, t, level, 1) }

// MiettinenNurminen is Mee with the variance times N/(N−1).
//
// The limits are solved to rounding: an iteration that stops at 1e-6 misses the fifth digit.
// Source: Miettinen and Nurminen (1985), Statistics in Medicine 4, 213–226.
// Checked against: table II of Newcombe (1998), Statistics in Medicine 17, 873–890, in score_test.go.
func MiettinenNurminen(c, t Counts, level float64) (ShareDifference, error) {
	n := float64(c.Trials) + float64(t.Trials)
	return scoreDifference(c, t, level, n/(n-1))
}

func scoreDifference(c, t Counts, level, factor float64) (ShareDifference, error) {
	out, err := startDifference(c, t, level)
	if err != nil || out.Reason != "" {
		return out, err
	}
	z, d := criticalZ(level), *out.Estimate
	score := func(delta float64) float64 {
		if delta == d {
			return 0
		}
		return (d - delta) / math.Sqrt(factor*scoreVariance(c, t, delta))
	}
	lo, hi := -1.0, 1.0
	if x, ok := root(func(v float64) float64 { return math.Min(score(v), 1e9) - z }, -1, d); ok {
		lo = x
	}
	if x, ok := root(func(v float64) float64 { return math.Max(score(v), -1e9) + z }, d, 1); ok {
		hi = x
	}
	out.limits(lo, hi)
	return out, nil
}

// scoreVariance is the variance of the difference at the maximum likelihood estimates whose difference
// is delta.
func scoreVariance(c, t Counts, delta float64) float64 {
	pc := constrainedControl(c, t, delta)
	pt := math.Min(1, math.Max(0, pc+delta))
	return math.Max(0, pt*(1-pt)/float64(t.Trials)+pc*(1-pc)/float64(c.Trials))
}

// constrainedControl maximises the likelihood over p_C with p_T = p_C + delta. The derivative of the log
// likelihood falls over the whole range, so its zero is found by bracketing; the closed form of the
// cubic loses digits for rare events.
func constrainedControl(c, t Counts, delta float64) float64 {
	lo, hi := math.Max(0, -delta), math.Min(1, 1-delta)
	term := func(count int64, p float64) float64 {
		if count == 0 {
			return 0
		}
		return float64(count) / math.Max(0, p)
	}
	slope := func(p float64) float64 {
		return term(t.Successes, p+delta) - term(t.Trials-t.Successes, 1-p-delta) + term(c.Successes, p) - term(c.Trials-c.Successes, 1-p)
	}
	if slope(lo) <= 0 {
		return lo
	}
	if slope(hi) >= 0 {
		return hi
	}
	p, ok := root(slope, lo, hi)
	if !ok {
		return (lo + hi) / 2
	}
	return p
}

// ShareRatio is the ratio of two shares, treatment over control.
type ShareRatio ShareDifference

// startRatio sets shares and their ratio.
func startRatio(c, t Counts, level float64) (ShareRatio, error) {
	d, err := startDifference(c, t, level)
	out := ShareRatio(d)
	if err != nil || out.Reason != "" {
		return out, err
	}
	out.Estimate = nil
	if c.Successes > 0 {
		out.Estimate = num(t.rate() / c.rate())
	}
	return out, nil
}

// KatzLog returns r exp(∓ z √(1/x_T − 1/n_T + 1/x_C − 1/n_C)); without a success in an arm it has no
// limits (zero_count).
// Source: Katz, Baptista, Azen, Pike (1978), Biometrics 34, 469–474.
// Checked against: the cases of proportion.ratio.katz_log in
// internal/calc/testdata/cases/experiments.jsonl.
func KatzLog(c, t Counts, level float64) (ShareRatio, error) {
	out, err := startRatio(c, t, level)
	if err != nil || out.Reason != "" {
		return out, err
	}
	if c.Successes == 0 || t.Successes == 0 {
		out.Reason = ReasonZeroCount
		return out, nil
	}
	v := func(x Counts) float64 { return 1/float64(x.Successes) - 1/float64(x.Trials) }
	h := criticalZ(level) * math.Sqrt(v(t)+v(c))
	out.Lower, out.Upper = num(*out.Estimate*math.Exp(-h)), num(*out.Estimate*math.Exp(h))
	return out, nil
}

// Koopman returns all ratios r that the score test does not reject. Without a success in the treatment
// the lower limit is 0; without one in the control estimate and upper limit are absent (unbounded).
// Source: Koopman (1984), Biometrics 40, 513–517; the closed form of the constrained estimate is Nam's
// (1995), Biometrics 51, 1176–1179.
// Checked against: the definition at the limits found, in score_test.go.
func Koopman(c, t Counts, level float64) (ShareRatio, error) {
	out, err := startRatio(c, t, level)
	if err != nil || out.Reason != "" {
		return out, err
	}
	z := criticalZ(level)
	// f falls in |ln r − ln r̂| from z² at the estimate; u = ln r.
	f := func(u float64) float64 { return z*z - koopmanScore(c, t, math.Exp(u)) }
	switch {
	case t.Successes == 0 && c.Successes == 0:
		out.Lower, out.Reason = num(0), referral.ReasonUnbounded
		return out, nil
	case t.Successes == 0:
		out.Lower = num(0)
		// Any ratio far below the limit is compatible.
		out.Upper = num(math.Exp(boundary(f, -600, 1)))
	case c.Successes == 0:
		out.Reason = referral.ReasonUnbounded
		out.Lower = num(math.Exp(boundary(f, 600, -1)))
	default:
		at := math.Log(*out.Estimate)
		out.Lower, out.Upper = num(math.Exp(boundary(f, at, -1))), num(math.Exp(boundary(f, at, 1)))
	}
	return out, nil
}

// boundary walks from a point where f > 0 in the given direction to where f turns negative.
func boundary(f func(float64) float64, from, direction float64) float64 {
	step := direction
	far := from + step
	for f(far) > 0 && math.Abs(far) < 1400 {
		from, step = far, step*1.5
		far += step
	}
	x, ok := root(f, math.Min(from, far), math.Max(from, far))
	if !ok {
		return far
	}
	return x
}

// koopmanScore is the chi-square statistic of the hypothesis p_T = r p_C: the sum over both arms. Koopman's form with
// the treatment's difference alone is the same in the interior, but 0/0 where everybody in an arm converts, and loses
// all digits at ratios far from the estimate.
func koopmanScore(c, t Counts, r float64) float64 {
	nt, nc := float64(t.Trials), float64(c.Trials)
	xt, xc := float64(t.Successes), float64(c.Successes)
	b := r*(nt+xc) + xt + nc
	// The square of b would overflow far from the estimate; r(nt+nc)/b and (xt+xc)/b do not.
	p := 2 * (r / b) * (xt + xc) / (1 + math.Sqrt(math.Max(0, 1-4*(r*(nt+nc)/b)*((xt+xc)/b))))
	return pearsonTerm(xt, nt, math.Min(1, p)) + pearsonTerm(xc, nc, math.Min(1, p/r))
}

// pearsonTerm is (x − np)²/(np(1−p)), 0 where the expected count is the observed one.
func pearsonTerm(x, n, p float64) float64 {
	d := x - n*p
	if d == 0 {
		return 0
	}
	return d * d / (n * p * (1 - p))
}
