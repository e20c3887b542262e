package ltv

import "math"

// Unit is a unit of time.
type Unit string

// Units. A month is a twelfth of a year of 365.25 days.
const (
	Day   Unit = "day"
	Week  Unit = "week"
	Month Unit = "month"
	Year  Unit = "year"
)

// Days is the length of a unit in days. An unknown unit wraps ErrInput.
func (u Unit) Days() (float64, error) {
	switch u {
	case Day:
		return 1, nil
	case Week:
		return 7, nil
	case Month:
		return 30.4375, nil
	case Year:
		return 365.25, nil
	}
	return 0, invalid("unit of time %q: day, week, month or year", string(u))
}

// In is what one of the unit is in another.
func (u Unit) In(other Unit) (float64, error) {
	own, err := u.Days()
	if err != nil {
		return 0, err
	}
	theirs, err := other.Days()
	if err != nil {
		return 0, err
	}
	return own / theirs, nil
}

// Repeat is a model of repeat purchases.
type Repeat interface {
	// Alive is the probability that a customer with the history has not left.
	Alive(h History) float64
	// Expected is the number of purchases to expect in the time t after the history.
	Expected(h History, t float64) float64
	// ExpectedNew is the number of repeat purchases to expect of a new customer within t.
	ExpectedNew(t float64) float64
	// LogLikelihood is the log-likelihood of a sample.
	LogLikelihood(s Sample) float64
	// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
	Check() error
}

// Horizon is how far customer value is looked ahead, and at what discount.
type Horizon struct {
	Periods  int     // how many, at least 1
	Length   float64 // of a period, in Unit
	Unit     Unit    // of Length
	Model    Unit    // of the model's parameters and of the history
	Discount float64 // per period, above −1; payments of a period are discounted to its end
}

// mostPeriods bounds a horizon: 27 years of days.
const mostPeriods = 10_000

// step is the length of a period in units of the model.
func (z Horizon) step() (float64, error) {
	if z.Periods < 1 || z.Periods > mostPeriods || !(z.Length > 0) || z.Length > largest || !(z.Discount > -1) || math.IsInf(z.Discount, 0) {
		return 0, invalid("%d periods of %v at a discount of %v", z.Periods, z.Length, z.Discount)
	}
	f, err := z.Unit.In(z.Model)
	return f * z.Length, err
}

// Purchases returns the discounted number of purchases to expect after the history.
//
//	Σ_{k=1}^{n} (E(kL) − E((k−1)L)) / (1+d)^k,  E(t) = m.Expected(h, t)
//
// Customer value is margin × spend per purchase × this. The first purchase, the acquisition, is not in it.
// Errors wrap ErrInput. Checked against: lifetimes 0.11.3, customer_lifetime_value, in value_test.go.
func (z Horizon) Purchases(m Repeat, h History) (float64, error) {
	step, err := z.step()
	if err != nil {
		return 0, err
	}
	if err := h.Check(); err != nil {
		return 0, err
	}
	sum, before, factor := 0.0, 0.0, 1.0
	for k := 1; k <= z.Periods; k++ {
		now := m.Expected(h, float64(k)*step)
		factor /= 1 + z.Discount
		sum += (now - before) * factor
		before = now
	}
	return sum, nil
}
