package stats

import "math"

// WaldInterval returns p ∓ z √(p(1−p)/n), clipped to [0,1]. It is here because others report it: its
// coverage falls far below the level for small n or p near an end. Errors as WilsonInterval.
// Source: Newcombe (1998), Statistics in Medicine 17, 857–872, method 1.
// Checked against: table I of that paper, in interval_test.go.
func WaldInterval(hits, n int64, level float64) (lo, hi float64, err error) {
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	lo, hi = wald(float64(hits), float64(n), criticalZ(level))
	return lo, hi, nil
}

func wald(x, n, z float64) (lo, hi float64) {
	p := x / n
	h := z * math.Sqrt(p*(1-p)/n)
	return math.Max(0, p-h), math.Min(1, p+h)
}

// WilsonCCInterval returns Wilson's interval with continuity correction.
//
//	lower (2np + z² − 1 − z √(z² − 2 − 1/n + 4p(n(1−p)+1))) / (2(n+z²))
//	upper (2np + z² + 1 + z √(z² + 2 − 1/n + 4p(n(1−p)−1))) / (2(n+z²))
//
// 0 at hits = 0 and 1 at hits = n. Errors as WilsonInterval.
// Source: Newcombe (1998), Statistics in Medicine 17, 857–872, method 4.
// Checked against: table I of that paper, in interval_test.go.
func WilsonCCInterval(hits, n int64, level float64) (lo, hi float64, err error) {
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	lo, hi = wilsonCC(float64(hits), float64(n), criticalZ(level))
	return lo, hi, nil
}

func wilsonCC(x, n, z float64) (lo, hi float64) {
	p, z2 := x/n, z*z
	lo, hi = 0, 1
	if x > 0 {
		lo = (2*x + z2 - 1 - z*math.Sqrt(math.Max(0, z2-2-1/n+4*p*(n-x+1)))) / (2 * (n + z2))
	}
	if x < n {
		hi = (2*x + z2 + 1 + z*math.Sqrt(math.Max(0, z2+2-1/n+4*p*(n-x-1)))) / (2 * (n + z2))
	}
	return math.Max(0, lo), math.Min(1, hi)
}

// AgrestiCoullInterval returns Wald's interval around the centre of Wilson's: z²/2 successes and as many
// failures are added first. Clipped to [0,1]. Errors as WilsonInterval.
// Source: Agresti and Coull (1998), The American Statistician 52, 119–126.
// Checked against: its relation to Wilson's interval, in interval_test.go, and the cases of
// proportion.interval.agresti_coull in internal/calc/testdata/cases/experiments.jsonl.
func AgrestiCoullInterval(hits, n int64, level float64) (lo, hi float64, err error) {
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	z := criticalZ(level)
	lo, hi = wald(float64(hits)+z*z/2, float64(n)+z*z, z)
	return lo, hi, nil
}

// MidPInterval returns the limits at which the observed count, taken half, and all beyond it have
// probability (1−level)/2.
//
//	lower L: P(X > x; L) + P(X = x; L)/2 = (1−level)/2, upper by mirroring
//
// Shorter than Clopper and Pearson's, with coverage near the level on average. Errors as WilsonInterval.
// Source: Newcombe (1998), Statistics in Medicine 17, 857–872, method 6.
// Checked against: the definition at the limits found, in interval_test.go.
func MidPInterval(hits, n int64, level float64) (lo, hi float64, err error) {
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	tail := (1 - level) / 2
	lo, _ = midPLower(hits, n, tail)
	_, hi = midPLower(n-hits, n, tail)
	return math.Min(lo, hi), math.Max(lo, hi), nil // a level near 0 leaves one point and its rounding
}

// midPLower returns the lower limit and, with its own digits, one less it.
func midPLower(x, n int64, tail float64) (limit, complement float64) {
	if x == 0 {
		return 0, 1
	}
	// Searched in log odds, where both ends are far away and a limit near 0 keeps its digits.
	f := func(u float64) float64 {
		p, q := 1/(1+math.Exp(-u)), 1/(1+math.Exp(u))
		above := 0.0
		if x < n {
			above, _ = betaTails(p, q, float64(x+1), float64(n-x))
		}
		return math.Log(above+binomialProb(x, n, p, q)/2) - math.Log(tail)
	}
	lo, hi := 0.0, 0.0
	for f(lo) > 0 && lo > -700 {
		lo = 2*lo - 1
	}
	for f(hi) < 0 && hi < 700 {
		hi = 2*hi + 1
	}
	u, ok := root(f, lo, hi)
	if !ok {
		return 0, 1
	}
	return 1 / (1 + math.Exp(-u)), 1 / (1 + math.Exp(u))
}

// binomialProb is P(X = x) for n trials with probability p, q = 1−p, without cancellation for large n.
// Source: Loader (2000), Fast and accurate computation of binomial probabilities.
func binomialProb(x, n int64, p, q float64) float64 {
	switch {
	case x < 0 || x > n:
		return 0
	case x == 0:
		return math.Exp(float64(n) * logOf(q, p))
	case x == n:
		return math.Exp(float64(n) * logOf(p, q))
	}
	a, b, m := float64(x), float64(n-x), float64(n)
	// The mode-relative form of x^a (1−x)^b with the Stirling remainders of the three factorials.
	e := a*log1pmx((m*p-a)/a) + b*log1pmx((m*q-b)/b)
	return math.Exp(e+stirling(m)-stirling(a)-stirling(b)) * math.Sqrt(m/(2*math.Pi*a*b))
}

// binomialTails returns P(X ≤ x) and P(X > x).
func binomialTails(x, n int64, p, q float64) (lower, upper float64) {
	switch {
	case x < 0:
		return 0, 1
	case x >= n:
		return 1, 0
	}
	upper, lower = betaTails(p, q, float64(x+1), float64(n-x))
	return lower, upper
}
