package stats

import (
	"math"

	"vouch/referral"
)

// Spending says how much of the error rate per side a test may have spent by each share of its planned
// information. It starts at 0 and ends at alpha.
//
// Alpha is that of one side, also in a test of two: spending 0.05 where 0.025 per side is meant moves the
// first of four boundaries of O'Brien and Fleming's type from 4.333 to 3.920.
type Spending struct {
	alpha   float64
	between func(from, to float64) float64 // spent from one share of information to another, from < to
}

// LanDeMetsOBrienFleming spends almost nothing early.
//
//	A(t) = 2 (1 − Φ(z_{α/2}/√t))
//
// Source: Lan and DeMets (1983), Biometrika 70, 659–663.
// Checked against: boundaries of R's rpact 3.3.4, in spending_test.go.
func LanDeMetsOBrienFleming(alphaPerSide float64) Spending {
	z := -NormalQuantile(alphaPerSide / 2)
	return Spending{alphaPerSide, func(from, to float64) float64 {
		return 2*UpperTail(z/math.Sqrt(to)) - 2*UpperTail(z/math.Sqrt(from))
	}}
}

// LanDeMetsPocock spends evenly enough that critical values are nearly equal.
//
//	A(t) = α ln(1 + (e−1) t)
//
// Source: Lan and DeMets (1983), Biometrika 70, 659–663.
// Checked against: boundaries of R's rpact 3.3.4, in spending_test.go.
func LanDeMetsPocock(alphaPerSide float64) Spending {
	return Spending{alphaPerSide, func(from, to float64) float64 {
		return alphaPerSide * math.Log1p((math.E-1)*(to-from)/(1+(math.E-1)*from))
	}}
}

// KimDeMets spends a power of the information, later the larger rho is.
//
//	A(t) = α t^ρ, ρ > 0
//
// Source: Kim and DeMets (1987), Biometrika 74, 149–154.
// Checked against: boundaries of R's rpact 3.3.4, in spending_test.go.
func KimDeMets(alphaPerSide, rho float64) (Spending, error) {
	if !(rho > 0) || math.IsInf(rho, 1) {
		return Spending{}, invalid("rho %g is not positive", rho)
	}
	return Spending{alphaPerSide, func(from, to float64) float64 {
		return alphaPerSide * math.Pow(to, rho) * -math.Expm1(rho*math.Log(from/to))
	}}, nil
}

// HwangShihDeCani spends exponentially: −4 is close to O'Brien and Fleming, 1 to Pocock.
//
//	A(t) = α (1 − e^(−γt))/(1 − e^(−γ)); α t at γ = 0
//
// Source: Hwang, Shih, DeCani (1990), Statistics in Medicine 9, 1439–1445.
// Checked against: boundaries of R's rpact 3.3.4, in spending_test.go.
func HwangShihDeCani(alphaPerSide, gamma float64) (Spending, error) {
	if math.IsNaN(gamma) || math.IsInf(gamma, 0) {
		return Spending{}, invalid("gamma %g is not a number", gamma)
	}
	g := math.Abs(gamma)
	return Spending{alphaPerSide, func(from, to float64) float64 {
		switch {
		case g < 1e-15:
			return alphaPerSide * (to - from)
		case gamma > 0:
			return alphaPerSide * math.Exp(-g*from) * math.Expm1(-g*(to-from)) / math.Expm1(-g)
		default: // both parts of the fraction multiplied by e^(−g), which might overflow
			return alphaPerSide * math.Exp(-g*(1-to)) * math.Expm1(-g*(to-from)) / math.Expm1(-g)
		}
	}}, nil
}

// Spent returns A(t), what a test may have spent per side by the share t of its planned information.
func (s Spending) Spent(t float64) float64 { return math.Min(s.alpha, s.between(0, t)) }

// SpendingBoundary is a boundary by spending; lists are parallel to the looks. A look that may spend
// nothing that a floating point number can hold (less than 1e-308) has no critical value, and the reason is
// unbounded.
type SpendingBoundary struct {
	Critical        []*float64 `json:"critical"`
	CumulativeAlpha []float64  `json:"cumulative_alpha"` // per side
	Reason          string     `json:"reason,omitempty"`
}

// Boundary returns the critical values of Z at looks that happened at the given shares of the planned
// information, whatever they are: later looks may be added without changing those before.
//
//	c_k with P(not stopped before look k, Z_k ≥ c_k) = A(t_k) − A(t_{k−1}) when there is no effect
//
// With two sides the boundary is symmetric and both together spend twice that. The shares increase from
// above 0 to at most 1; anything else, or more than 1000 looks, is ErrInput.
// Source: Lan and DeMets (1983), Biometrika 70, 659–663.
// Checked against: boundaries of R's rpact 3.3.4 and multivariate normal probabilities, in spending_test.go.
func (s Spending) Boundary(information []float64, sides int) (SpendingBoundary, error) {
	if err := checkSpend(s.alpha, sides); err != nil {
		return SpendingBoundary{}, err
	}
	if len(information) == 0 || len(information) > maxLooks {
		return SpendingBoundary{}, invalid("%d looks, not 1 to %d", len(information), maxLooks)
	}
	before := 0.0
	for _, t := range information {
		if !(t > before && t <= 1) {
			return SpendingBoundary{}, invalid("information %g after %g: shares increase, from above 0 to at most 1", t, before)
		}
		before = t
	}
	var out SpendingBoundary
	w := &walk{sides: sides}
	before = 0
	for _, t := range information {
		c := w.critical(t, s.between(before, t), s.Spent(before))
		if math.IsInf(c, 1) {
			out.Reason = referral.ReasonUnbounded
		}
		out.Critical = append(out.Critical, num(c))
		out.CumulativeAlpha = append(out.CumulativeAlpha, s.Spent(t))
		w.add(t, c)
		before = t
	}
	return out, nil
}

// critical is c with the probability spend of stopping at the next look, +Inf if spend is too small for a
// normal floating point number; spent is what the looks before have used per side.
func (w *walk) critical(t, spend, spent float64) float64 {
	if spend < 0x1p-1022 {
		return math.Inf(1)
	}
	// P(Z ≥ c) at the look alone is at least spend, and at most spend and all that was spent before.
	hi := -NormalQuantile(spend)
	if len(w.looks) == 0 {
		return hi
	}
	lo := -NormalQuantile(math.Min(1, spend+float64(w.sides)*spent))
	if w.sides == 2 {
		lo = math.Max(0, lo)
	}
	f := func(c float64) float64 { return math.Log(w.exit(t, c, 0)) - math.Log(spend) }
	const slack = 1e-6 // for the rounding of both ends
	c, ok := root(f, lo-slack, hi+slack)
	if !ok {
		return math.Inf(1)
	}
	return c
}
