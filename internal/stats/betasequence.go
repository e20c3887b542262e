package stats

import "math"

// BetaBinomialSequence returns the confidence sequence of a share after n trials: the limits hold at all
// numbers of trials together.
//
//	L = 2 ln(1/a), a = 1 − level, k = max(tuning/(L + ln(1+L)) − 1, 0.001)
//	all p with ln B(kp+x, k(1−p)+n−x) − ln B(kp, k(1−p)) − x ln p − (n−x) ln(1−p) < ln(1/a)
//
// tuning is the number of trials at which it should be tightest, chosen before the data. A side on which
// the inequality holds to the end has the limit 0 or 1. The limits keep their relative precision for
// any count: large terms are taken relative to the observed share, where they do not cancel.
//
// Assumes independent trials of one probability. Errors as WilsonInterval, and ErrInput for a tuning that is
// not positive.
// Source: Howard, Ramdas, McAuliffe, Sekhon (2021), Annals of Statistics 49, 1055–1080, proposition 7.
// Checked against: mpmath 1.4.1, bisection of the definition at 60 digits, and the coverage by exact
// enumeration, in betasequence_test.go.
func BetaBinomialSequence(hits, n int64, level, tuning float64) (lo, hi float64, err error) {
	if err := checkTuning(tuning, level, TwoSided); err != nil {
		return 0, 0, err
	}
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	log := -math.Log1p(-level)
	k := math.Max(tuning/(2*log+math.Log1p(2*log))-1, 0.001)
	lo, hi = 0, 1
	if hits > 0 {
		lo, _ = betaSequenceLower(hits, n, k, log)
	}
	if hits < n {
		_, hi = betaSequenceLower(n-hits, n, k, log)
	}
	p := float64(hits) / float64(n)
	return math.Min(lo, p), math.Max(hi, p), nil
}

// betaSequenceLower returns the lower limit and, with its own digits, one less it.
func betaSequenceLower(x, n int64, k, log float64) (limit, complement float64) {
	// Searched in log odds, where both ends are far away and a limit near 0 keeps its digits.
	f := func(u float64) float64 {
		return betaMixture(float64(x), float64(n-x), 1/(1+math.Exp(-u)), 1/(1+math.Exp(u)), k) - log
	}
	const end = 700
	top := float64(end)
	if x < n {
		top = math.Log(float64(x)) - math.Log(float64(n-x))
	}
	u, ok := root(f, -end, top)
	if !ok {
		return 0, 1
	}
	return 1 / (1 + math.Exp(-u)), 1 / (1 + math.Exp(u))
}

// betaMixture is the log of the mixture of likelihood ratios for x successes and y failures against p = 1−q,
// with the prior beta(kp, kq).
//
// With s the Stirling remainder of ln Γ and A = kp+x, B = kq+y, N = k+n it is
// A ln(A/(Np)) + B ln(B/(Nq)) + ½ ln(N kp kq/(A B k)) + s(A) + s(B) − s(N) − s(kp) − s(kq) + s(k), where the
// first two terms are an information divergence, in which A − N p and B − N q cancel.
func betaMixture(x, y, p, q, k float64) float64 {
	a, b := k*p, k*q
	an, bn, n := a+x, b+y, k+x+y
	t := (x+y)*p - x // what A lacks to N p, and B has too much
	if q < p {
		t = y - (x+y)*q
	}
	return divergence(an, n*p, t) + divergence(bn, n*q, -t) + (math.Log(n/k)+math.Log(a/an)+math.Log(b/bn))/2 +
		stirling(an) + stirling(bn) - stirling(n) - stirling(a) - stirling(b) + stirling(k)
}

// divergence is a ln(a/b) − a + b for b = a + t, where t may be known better than b − a.
func divergence(a, b, t float64) float64 {
	if math.Abs(t) < a/2 {
		return -a * log1pmx(t/a)
	}
	return a*math.Log(a/b) + t
}
