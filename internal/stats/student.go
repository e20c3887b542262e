package stats

import "math"

// StudentUpperTail returns P(T > t) for Student's distribution with df degrees of freedom.
//
//	½ I_{df/(df+t²)}(df/2, ½) for t ≥ 0, one minus the other side below
//
// Any df > 0, fractional as Welch's are; infinite df is the normal distribution. Beyond df = 1e8 the
// normal transformation of Hill is used, whose error there is below rounding.
// Source: Hill (1970), CACM 13, 617–619 (algorithm 395).
// Checked against: mpmath 1.4.1 at 50 digits, in student_test.go.
func StudentUpperTail(t, df float64) float64 {
	switch {
	case !(df > 0) || math.IsNaN(t):
		return math.NaN()
	case math.IsInf(df, 1):
		return UpperTail(t)
	case t < 0:
		return 1 - StudentUpperTail(-t, df)
	case t == 0:
		return 0.5
	case math.IsInf(t, 1):
		return 0
	case df < 1e-290:
		return 0.5 // all of the probability lies beyond any number, half on each side
	case df > 1e8:
		return UpperTail(hillNormal(t, df))
	}
	// t² may overflow or underflow: the ratio r = t²/df is what matters.
	r := t / math.Sqrt(df)
	r *= r
	if math.IsInf(r, 1) {
		return math.Exp(logBetaFactorSmallX(df, t)) / df
	}
	lower, _ := betaTails(1/(1+r), r/(1+r), df/2, 0.5)
	return lower / 2
}

// logBetaFactorSmallX is the log of x^a/B(a,½) with x = df/t², for t so large that t² overflows.
func logBetaFactorSmallX(df, t float64) float64 {
	return df/2*(math.Log(df)-2*math.Log(t)) - logBeta(df/2, 0.5)
}

// hillNormal turns t into the normal deviate with the same tail, for large df.
func hillNormal(t, df float64) float64 {
	a := df - 0.5
	b := 48 * a * a
	y := a * math.Log1p(t*t/df)
	return math.Sqrt(y) * (1 + (y+3-(((0.4*y+3.3)*y+24)*y+85.5)/(0.8*y*y+100+b))/b)
}

// StudentQuantile returns t with P(T < t) = p for Student's distribution with df degrees of freedom,
// p in (0,1); ±∞ at the ends, NaN outside.
//
// The root is found on the logarithm of the tail against the logarithm of t, so tails of 1e-300 and
// fractional df are as precise as the middle. Interpolating routines are off by an order of magnitude
// at df = 1e5 and a tail of 1e-8 (5.61).
// Source: the definition, inverted numerically.
// Checked against: scipy 1.17.1, stats.t.ppf, in student_test.go.
func StudentQuantile(p, df float64) float64 {
	switch {
	case !(df > 0) || !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0.5:
		return 0
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	case p > 0.5:
		return -StudentQuantile(1-p, df)
	}
	if math.IsInf(df, 1) {
		return NormalQuantile(p)
	}
	want := math.Log(p)
	f := func(u float64) float64 { return math.Log(StudentUpperTail(math.Exp(u), df)) - want }
	lo, hi := 0.0, 1.0
	for f(lo) < 0 && lo > -700 {
		lo = lo*2 - 1
	}
	for f(hi) > 0 && hi < 700 {
		hi *= 2
	}
	u, ok := root(f, lo, math.Min(hi, 709))
	if !ok {
		return math.Inf(-1) // the tail is too heavy for the quantile to be a floating point number
	}
	return -math.Exp(u)
}

// criticalT is the two-sided critical value of a level.
func criticalT(level, df float64) float64 { return -StudentQuantile((1-level)/2, df) }
