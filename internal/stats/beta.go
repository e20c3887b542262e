package stats

import "math"

// BetaCDF returns I_x(a,b), the probability that a Beta(a,b) variable is at most x, and the
// complement, each with full relative precision.
//
// Continued fraction of the incomplete beta function by Lentz's method, on the side of the mean where
// it converges fast. The factor x^a (1−x)^b / B(a,b) is taken relative to the mode through Stirling
// remainders and ln(1+t)−t, so that nothing cancels at parameters of 1e8, where a difference of log
// gamma functions has lost eight digits.
//
// Assumes a, b > 0 and 0 ≤ x ≤ 1; anything else gives NaN.
// Source: Didonato and Morris (1992), ACM TOMS 18, 360–373 (continued fraction); Loader (2000), Fast
// and accurate computation of binomial probabilities (saddle-point factor).
// Checked against: mpmath 1.4.1, betainc(a, b, 0, x, regularized=True), in beta_test.go.
func BetaCDF(x, a, b float64) (lower, upper float64) { return betaTails(x, 1-x, a, b) }

// betaTails is BetaCDF with 1−x given by the caller, who may know it better than 1−x can say.
func betaTails(x, xc, a, b float64) (lower, upper float64) {
	switch {
	case !(a > 0 && b > 0) || !(x >= 0 && xc >= 0):
		return math.NaN(), math.NaN()
	case x == 0:
		return 0, 1
	case xc == 0:
		return 1, 0
	case a == b && x == xc:
		return 0.5, 0.5
	}
	if math.Max(a, b) > largeBeta {
		return betaExtreme(x, xc, a, b)
	}
	if x <= (a+1)/(a+b+2) {
		lower = betaFraction(x, xc, a, b)
		return lower, 1 - lower
	}
	upper = betaFraction(xc, x, b, a)
	return 1 - upper, upper
}

// betaFraction is I_x(a,b) by the continued fraction, for x left of the mean.
func betaFraction(x, xc, a, b float64) float64 {
	return math.Min(1, math.Exp(logBetaFactor(x, xc, a, b))/(a*betaContinued(x, a, b)))
}

// betaContinued is x^a (1−x)^b / (a B(a,b) I_x(a,b)), a continued fraction, for x left of the mean.
func betaContinued(x, a, b float64) float64 {
	const tiny = 1e-300
	f, c, d := 1.0, 1.0, 0.0
	limit := 1000 + 20*int(math.Sqrt(math.Max(a, b)))
	for m := range limit {
		fm := float64(m)
		var even float64
		if m == 0 {
			even = 1
		} else {
			even = fm * (b - fm) * x / ((a + 2*fm - 1) * (a + 2*fm))
		}
		odd := -(a + fm) * (a + b + fm) * x / ((a + 2*fm) * (a + 2*fm + 1))
		before := f
		for i, term := range [2]float64{even, odd} {
			if m == 0 && i == 0 {
				continue // the leading 1 of the fraction is already in f
			}
			d = 1 + term*d
			if math.Abs(d) < tiny {
				d = tiny
			}
			d = 1 / d
			c = 1 + term/c
			if math.Abs(c) < tiny {
				c = tiny
			}
			f *= c * d
		}
		if m > 0 && math.Abs(f/before-1) < 1e-15 {
			break
		}
	}
	return f
}

// largeBeta is the size of a parameter from which expansions replace the continued fraction: its terms grow
// with the square root of the parameters, and its argument is then too close to 1 to keep its digits.
const largeBeta = 1e10

// betaExtreme is betaTails with a parameter above largeBeta. Beside a small other one it is a gamma variable.
//
//	I_x(a,b) ≈ P(a, −(b + (a−1)/2) ln(1−x)) for b ≫ a, relative error of the order of a^(5/2)/(24 b²)
//
// Source: Wise (1950), Biometrika 37, 208–218.
// Checked against: the continued fraction where it is precise, in beta_test.go.
func betaExtreme(x, xc, a, b float64) (lower, upper float64) {
	switch {
	case math.Min(a, b) > 1e5:
		return betaLarge(x, xc, a, b)
	case a > b:
		upper, lower = betaExtreme(xc, x, b, a)
		return lower, upper
	}
	return GammaTails(-(b+(a-1)/2)*logOf(xc, x), a)
}

// betaLarge is BetaCDF for two large parameters, with a relative error of the order of their inverse.
//
//	I_x(a,b) ≈ Φ(η√ν) + (1/η − σ/(x−m)) φ(η√ν)/√ν,  ν = a+b, m = a/ν, σ² = m(1−m)
//	η²/2 = −m ln(x/m) − (1−m) ln((1−x)/(1−m)), with the sign of x − m
//
// Source: Temme (1987), Nieuw Archief voor Wiskunde 5, 399–414, first term of the uniform expansion.
// Checked against: the continued fraction at parameters of 1e10, in beta_test.go.
func betaLarge(x, xc, a, b float64) (lower, upper float64) {
	nu := a + b
	m, mc := a/nu, b/nu
	t := x - m
	if xc < x {
		t = mc - xc
	}
	sigma := math.Sqrt(m * mc)
	// e = −ν η²/2
	e := math.Min(0, a*log1pmx(t/m)+b*log1pmx(-t/mc))
	eta := math.Copysign(math.Sqrt(-2*e/nu), t)
	term := (mc - m) / (3 * sigma)
	if u := eta * sigma; math.Abs(u) > 1e-5*math.Min(m, mc) {
		term = 1/eta - sigma/t
	}
	r := term * math.Exp(e) / math.Sqrt(2*math.Pi*nu)
	z := eta * math.Sqrt(nu)
	clip := func(p float64) float64 { return math.Min(1, math.Max(0, p)) }
	return clip(LowerTail(z) + r), clip(UpperTail(z) - r)
}

// logBetaFactor is ln( x^a (1−x)^b / B(a,b) ).
func logBetaFactor(x, xc, a, b float64) float64 {
	if math.Min(a, b) < 8 {
		// One small parameter: the ratio of gamma functions of the large one is taken by Stirling
		// differences when it is large.
		return a*logOf(x, xc) + b*logOf(xc, x) - logBeta(a, b)
	}
	mu, muc := a/(a+b), b/(a+b)
	t := x - mu
	if xc < x {
		t = muc - xc
	}
	e := a*log1pmx(t/mu) + b*log1pmx(-t/muc)
	return e + 0.5*math.Log(a/(2*math.Pi)*muc) + stirling(a+b) - stirling(a) - stirling(b)
}

// logOf is ln v where v = 1−w: log1p(−w) is more precise when w is small.
func logOf(v, w float64) float64 {
	if w < 0.5 {
		return math.Log1p(-w)
	}
	return math.Log(v)
}

// logBeta is ln B(a,b), without cancellation when one parameter is large.
func logBeta(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	lb, _ := math.Lgamma(b)
	if a < 20 {
		la, _ := math.Lgamma(a)
		lab, _ := math.Lgamma(a + b)
		return la + lb - lab
	}
	// ln Γ(a) − ln Γ(a+b) by Stirling: −(a−½) ln(1+b/a) − b ln(a+b) + b + remainders.
	return lb - (a-0.5)*math.Log1p(b/a) - b*math.Log(a+b) + b + stirling(a) - stirling(a+b)
}

// stirling is ln Γ(x) − [(x−½) ln x − x + ½ ln 2π].
func stirling(x float64) float64 {
	if x < 15 {
		g, _ := math.Lgamma(x)
		return g - ((x-0.5)*math.Log(x) - x + 0.5*math.Log(2*math.Pi))
	}
	r := 1 / (x * x)
	return (1.0/12 - r*(1.0/360-r*(1.0/1260-r*(1.0/1680-r*(1.0/1188-r*691.0/360360))))) / x
}

// log1pmx is ln(1+t) − t without cancellation near 0.
func log1pmx(t float64) float64 {
	if math.Abs(t) > 0.1 {
		return math.Log1p(t) - t
	}
	// ln(1+t) = 2 artanh(t/(2+t)); with r = t/(2+t), 2r − t = −t r.
	r := t / (2 + t)
	y := r * r
	sum, pow := 0.0, r*y
	for k := 3; k < 40; k += 2 {
		term := pow / float64(k)
		sum += term
		if math.Abs(term) < 1e-18*math.Abs(sum) {
			break
		}
		pow *= y
	}
	return 2*sum - t*r
}

// BetaQuantile returns x with P(X ≤ x) = p for a Beta(a,b) variable, p in [0,1].
//
// The root is found on the logarithm of the smaller tail, so that a quantile of 1e-12 is as precise
// as one of a half.
// Source: the definition, inverted numerically.
// Checked against: scipy 1.17.1, stats.beta.ppf, in beta_test.go.
func BetaQuantile(p, a, b float64) float64 {
	x, _ := betaQuantiles(p, a, b)
	return x
}

// betaQuantiles returns the quantile and, with its own digits, one less it.
func betaQuantiles(p, a, b float64) (x, xc float64) {
	switch {
	case !(a > 0 && b > 0) || !(p >= 0 && p <= 1):
		return math.NaN(), math.NaN()
	case p == 0:
		return 0, 1
	case p == 1:
		return 1, 0
	}
	// Search on the side where x is the smaller of x and 1−x, in ln x.
	if half, _ := betaTails(0.5, 0.5, a, b); half < p {
		xc = betaLowQuantile(p, true, b, a)
		return 1 - xc, xc
	}
	x = betaLowQuantile(p, false, a, b)
	return x, 1 - x
}

// betaLowQuantile finds x ≤ ½ at which the lower (or, mirrored, upper) tail of Beta(a,b) is p.
func betaLowQuantile(p float64, mirrored bool, a, b float64) float64 {
	f := func(u float64) float64 {
		x := math.Exp(u)
		lower, upper := betaTails(x, -math.Expm1(u), a, b)
		if mirrored {
			lower, upper = upper, lower
		}
		if p < 0.5 {
			return math.Log(lower) - math.Log(p)
		}
		return math.Log1p(-p) - math.Log(upper)
	}
	hi := math.Log(0.5)
	lo := hi - 1
	sign := f(hi) > 0
	for (f(lo) > 0) == sign && lo > -700 {
		lo = lo*2 - 1
	}
	u, ok := root(f, math.Max(lo, -740), hi)
	if !ok {
		return 0
	}
	return math.Exp(u)
}

// FTail returns P(F > x) for an F variable with d1 and d2 degrees of freedom.
//
//	I_{d2/(d2+d1 x)}(d2/2, d1/2)
//
// x ≤ 0 gives 1; degrees of freedom must be positive, else NaN.
// Source: Abramowitz and Stegun, 26.6.2.
// Checked against: scipy 1.17.1, stats.f.sf, in beta_test.go.
func FTail(x, d1, d2 float64) float64 {
	if !(d1 > 0 && d2 > 0) || math.IsNaN(x) {
		return math.NaN()
	}
	if x <= 0 {
		return 1
	}
	s := d2 + d1*x
	p, _ := betaTails(d2/s, d1*x/s, d2/2, d1/2)
	return p
}
