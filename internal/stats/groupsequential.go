package stats

import "math"

// Looks is a plan of equally spaced looks at a test, at most 1000. AlphaPerSide is the probability of
// crossing the upper boundary when there is no effect: a two-sided test at 5 % has 0.025 per side.
type Looks struct {
	Looks        int
	AlphaPerSide float64
	Sides        int // 1: only the upper boundary stops; 2: the lower one, its mirror image, does too
}

// maxLooks keeps the time of a boundary to seconds.
const maxLooks = 1000

// checkSpend refuses an error rate per side or a number of sides that no boundary has.
func checkSpend(alpha float64, sides int) error {
	if !(alpha > 0 && alpha < 0.5) {
		return invalid("alpha per side %g is not between 0 and one half", alpha)
	}
	if sides != 1 && sides != 2 {
		return invalid("%d sides, not 1 or 2", sides)
	}
	return nil
}

func (p Looks) check() error {
	if p.Looks < 1 || p.Looks > maxLooks {
		return invalid("%d looks, not 1 to %d", p.Looks, maxLooks)
	}
	return checkSpend(p.AlphaPerSide, p.Sides)
}

// Boundary is a stopping boundary of one constant: the critical values of Z at each look.
type Boundary struct {
	Constant float64   `json:"constant"`
	Critical []float64 `json:"critical"`
}

// BoundaryShape gives the critical value at look k of K for a boundary's constant.
type BoundaryShape func(constant float64, k, looks int) float64

// Pocock is the same critical value at every look.
// Source: Pocock (1977), Biometrika 64, 191–199.
func Pocock(constant float64, _, _ int) float64 { return constant }

// OBrienFleming is the critical value C √(K/k): strict early, almost the fixed test in the end.
// Source: O'Brien and Fleming (1979), Biometrics 35, 549–556.
func OBrienFleming(constant float64, k, looks int) float64 {
	return constant * math.Sqrt(float64(looks)/float64(k))
}

// walk goes through all looks with a boundary.
func (p Looks) walk(shape BoundaryShape, constant float64) *walk {
	w := &walk{sides: p.Sides}
	for k := 1; k <= p.Looks; k++ {
		w.add(float64(k)/float64(p.Looks), shape(constant, k, p.Looks))
	}
	return w
}

// Boundary returns the boundary of a shape that is crossed with the probability planned when there is no
// effect.
//
//	constant c with P(Z_k ≥ c_k at any look) = α, or P(|Z_k| ≥ c_k at any look) = 2α with two sides
//
// Assumes equal information between looks; Spending takes looks as they come. One look is the fixed test.
// Source: as the shape, Pocock or OBrienFleming; Jennison and Turnbull (2000), Group Sequential Methods,
// chapter 2.
// Checked against: their tables 2.1 and 2.3 and multivariate normal probabilities, in
// groupsequential_test.go.
func (p Looks) Boundary(shape BoundaryShape) (Boundary, error) {
	if err := p.check(); err != nil {
		return Boundary{}, err
	}
	// The last look alone has a probability of α at the lower end. The upper end is Bonferroni's for
	// Pocock's shape, and by reflection twice the tail of the last look for O'Brien and Fleming's.
	lo, hi := -NormalQuantile(p.AlphaPerSide), -NormalQuantile(p.AlphaPerSide/float64(max(2, p.Looks)))
	c := lo
	if p.Looks > 1 {
		f := func(c float64) float64 { return math.Log(p.walk(shape, c).upper(0)) - math.Log(p.AlphaPerSide) }
		x, ok := root(f, lo-1e-9, hi+1e-9)
		if !ok {
			return Boundary{}, invalid("no boundary for %d looks at %g per side", p.Looks, p.AlphaPerSide)
		}
		c = x
	}
	out := Boundary{Constant: c}
	for k := 1; k <= p.Looks; k++ {
		out.Critical = append(out.Critical, shape(c, k, p.Looks))
	}
	return out, nil
}

// Inflation returns by how much the looks multiply the largest sample, compared with one look of the same
// power.
//
//	(θ/(z_α + z_power))², θ the drift at full information with P(cross the upper boundary) = power
//
// A power not between α per side and 1 is ErrInput.
// Source: Jennison and Turnbull (2000), Group Sequential Methods, section 2.3.
// Checked against: their tables 2.2 and 2.4 and multivariate normal probabilities, in
// groupsequential_test.go.
func (p Looks) Inflation(shape BoundaryShape, power float64) (*float64, error) {
	b, err := p.Boundary(shape)
	if err != nil {
		return nil, err
	}
	if !(power > p.AlphaPerSide && power < 1) {
		return nil, invalid("power %g is not between %g and 1", power, p.AlphaPerSide)
	}
	fixed := NormalQuantile(power) - NormalQuantile(p.AlphaPerSide)
	if p.Looks == 1 {
		return num(1), nil
	}
	w := p.walk(shape, b.Constant)
	// What is left of the smaller of power and its complement, which keeps the digits of both.
	short := func(theta float64) float64 {
		if power < 0.5 {
			return math.Log(power) - math.Log(w.upper(theta))
		}
		missed := w.stay(theta)
		if p.Sides == 2 {
			missed += w.upper(-theta)
		}
		return math.Log(missed) - math.Log1p(-power)
	}
	theta, ok := root(short, 0, bracketUp(short, fixed))
	if !ok {
		return nil, nil
	}
	return num(theta / fixed * (theta / fixed)), nil
}
