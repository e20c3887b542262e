package stats

import "math"

// checkProportion refuses counts that are no proportion, and reports no trials as ErrNoData.
func checkProportion(hits, n int64, level float64) error {
	if err := checkLevel(level); err != nil {
		return err
	}
	if hits < 0 || n < 0 || hits > n {
		return invalid("%d successes in %d trials", hits, n)
	}
	if n == 0 {
		return ErrNoData
	}
	return nil
}

// WilsonInterval returns the score interval for a proportion at the given level.
//
//	c = (p + z²/2n) / (1 + z²/n),   h = z/(1 + z²/n) · √(p(1−p)/n + z²/4n²),   [c−h, c+h]
//
// with p = hits/n and z the (1+level)/2 quantile of the standard normal.
//
// Assumes independent people; not valid when one person can count twice.
// Units: input counts, output in [0,1]. The lower limit is exactly 0 at hits = 0, the upper exactly 1
// at hits = n. n = 0 returns ErrNoData; a level outside (0,1) or impossible counts ErrInput.
// Source: Wilson (1927), JASA 22, 209–212; recommended for small n in Brown, Cai, DasGupta (2001),
// Statist. Sci. 16, 101–133.
// Checked against: Newcombe (1998), Statistics in Medicine 17, 857–872, table I, in proportion_test.go.
func WilsonInterval(hits, n int64, level float64) (lo, hi float64, err error) {
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	lo, hi = wilson(float64(hits), float64(n), criticalZ(level))
	return lo, hi, nil
}

// wilson is the score interval for x of n with critical value z. The limit far from ½ is taken from
// the product of the two roots, x²/(n(n+z²)), which does not cancel for small x.
func wilson(x, n, z float64) (lo, hi float64) {
	z2 := z * z
	root := z * math.Sqrt(x*(n-x)/n+z2/4)
	lo, hi = 0, 1
	if x > 0 {
		lo = x * x / n / (x + z2/2 + root)
	}
	if y := n - x; y > 0 {
		hi = 1 - y*y/n/(y+z2/2+root)
		if hi < 1e-3 { // 1 less a number near 1 has lost digits: take the sum
			hi = (x + z2/2 + root) / (n + z2)
		}
	}
	// Limits of a very low level differ from x/n by rounding only.
	return math.Min(lo, x/n), math.Max(hi, x/n)
}

// ClopperPearsonInterval returns the exact binomial interval.
//
//	[Beta⁻¹((1−level)/2; x, n−x+1), Beta⁻¹((1+level)/2; x+1, n−x)]
//
// Its coverage is at least the level, often well above. Exactly 0 at x = 0 and 1 at x = n. Errors as
// WilsonInterval.
// Source: Clopper and Pearson (1934), Biometrika 26, 404–413.
// Checked against: statsmodels 0.15.0, proportion_confint(method="beta"), in proportion_test.go.
func ClopperPearsonInterval(hits, n int64, level float64) (lo, hi float64, err error) {
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	x, y := float64(hits), float64(n-hits)
	return betaLimits(x, y+1, x+1, y, level)
}

// JeffreysInterval returns the equal-tailed posterior interval under the prior Beta(½,½), with the
// limit set to 0 at x = 0 and to 1 at x = n. Errors as WilsonInterval.
// Source: Brown, Cai, DasGupta (2001), Statist. Sci. 16, 101–133.
// Checked against: statsmodels 0.15.0, proportion_confint(method="jeffreys"), in proportion_test.go.
func JeffreysInterval(hits, n int64, level float64) (lo, hi float64, err error) {
	if err := checkProportion(hits, n, level); err != nil {
		return 0, 0, err
	}
	a, b := float64(hits)+0.5, float64(n-hits)+0.5
	lo, hi, err = betaLimits(a, b, a, b, level)
	if hits == 0 {
		lo = 0
	}
	if hits == n {
		hi = 1
	}
	return math.Min(lo, hi), math.Max(lo, hi), err // a level near 0 leaves one point and its rounding
}

// betaLimits are the lower quantile of Beta(a1,b1) and the upper one of Beta(a2,b2); a parameter of 0
// means the limit is the end of the range.
func betaLimits(a1, b1, a2, b2, level float64) (lo, hi float64, err error) {
	tail := (1 - level) / 2
	lo, hi = 0, 1
	if a1 > 0 {
		lo = BetaQuantile(tail, a1, b1)
	}
	if b2 > 0 {
		_, hi = betaQuantiles(tail, b2, a2)
	}
	return lo, hi, nil
}
