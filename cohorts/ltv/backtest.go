package ltv

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"vouch/internal/stats"
	"vouch/referral"
)

// Held is customers of one cohort and one history at the end of calibration, and what they bought in the hold-out after it.
type Held struct {
	Cohort string
	Outcome
}

// Holdout is what a back-test is asked.
type Holdout struct {
	Time    float64 // length of the hold-out, in the unit of the histories
	Top     int64   // the last class of frequency, with all above it
	Level   float64 // of the intervals
	Repeats int64   // least customers with a repeat purchase; fewer are not fitted
	// Worst is the largest error at which a model is chosen.
	Worst float64
}

// Reasons for which a back-test chooses no model.
const (
	ReasonTooFewRepeats = "too_few_repeats"
	ReasonNoPurchases   = "no_purchases_in_holdout"
	ReasonPoorFit       = "poor_backtest"
)

// Tested is a group of customers in the hold-out: what they bought, and what a model expected.
type Tested struct {
	Key       string
	Customers int64
	Actual    float64
	Expected  float64
	// Lo and Hi hold the purchases of the group with the probability asked: chance of the customers and error of the
	// parameters together. Nil where the parameters have no errors.
	Lo, Hi *float64
}

// Inside says whether what was bought lies within the limits; ok is false without limits.
func (c Tested) Inside() (inside, ok bool) {
	return c.Lo != nil && c.Actual >= *c.Lo && c.Actual <= *c.Hi, c.Lo != nil
}

// ModelTest is how a model did.
type ModelTest struct {
	Model         string
	LogLikelihood *float64
	Reason        string // of the fit
	Total         Tested
	ByFrequency   []Tested // key: repeat purchases
	ByCohort      []Tested
	// Bias is expected over actual purchases in all, less 1.
	Bias *float64
	// Error is Σ|expected − actual| / Σ actual, of the classes of frequency and of the cohorts, their mean: a model that is right
	// in all for the wrong customers has a large one.
	Error *float64
	// Covered is the share of cohorts whose purchases lie within their limits; to be read beside the level.
	Covered *float64
}

// Backtest is all models on one hold-out.
type Backtest struct {
	Models []ModelTest
	// Chosen is the name of the model with the least error, "" with a reason.
	Chosen string
	Reason string
}

// candidate is a fitted model by name; shifted rebuilds it with the logarithm of a parameter changed.
type candidate struct {
	name       string
	reason     string
	value      *float64
	model      Spread
	shifted    func(parameter int, by float64) Spread
	parameters int
	covariance func(i, j int) float64 // of the logarithms; nil if unknown
}

// candidateOf is a fit as a candidate.
func candidateOf[M Spread](name string, f Fit[M], build func(p []float64) M) candidate {
	c := candidate{name: name, reason: f.Reason, value: f.LogLikelihood, parameters: len(f.Parameters)}
	if !f.Usable() {
		return c
	}
	c.model = f.Model
	if f.covariance != nil && f.Reason == "" {
		c.covariance = f.covariance.At
	}
	c.shifted = func(parameter int, by float64) Spread {
		p := make([]float64, len(f.Parameters))
		for i := range p {
			p[i] = f.Parameters[i].Value
		}
		p[parameter] *= math.Exp(by)
		return build(p)
	}
	return c
}

// BacktestRepeat fits every model of repeat purchases to histories up to the end of calibration, and compares what they expect of the
// hold-out with what was bought in it. The model of least Error is chosen; none if it is above Worst, if fewer than
// Repeats customers came back, or if nobody bought in the hold-out.
//
// The limits of a group are expected ± z √(Σ Var(X) + g'Vg): the scatter of its customers, who buy independently, and the
// covariance V of the parameters by the delta method. They take no account of what all customers share, a season or a
// campaign: coverage below the level is how that shows. No customer or impossible values wrap ErrInput.
// Checked against: simulated shops, whose limits hold the stated share, and CDNOW, in backtest_test.go.
func BacktestRepeat(held []Held, z Holdout) (Backtest, error) {
	if !(z.Level > 0 && z.Level < 1) || !(z.Time > 0 && z.Time <= largest) || z.Top < 0 || z.Top > mostClasses || !(z.Worst >= 0) {
		return Backtest{}, invalid("a hold-out of %v at level %v with %d classes and errors up to %v", z.Time, z.Level, z.Top, z.Worst)
	}
	patterns := make([]Pattern, len(held))
	bought := 0.0
	for i, h := range held {
		if !(h.Bought >= 0 && h.Bought <= largest) || (h.Count == 0 && h.Bought > 0) {
			return Backtest{}, invalid("%d customers with %v purchases in the hold-out", h.Count, h.Bought)
		}
		patterns[i] = h.Pattern
		bought += h.Bought
	}
	s, err := NewSample(patterns)
	if err != nil {
		return Backtest{}, err
	}
	switch {
	case s.Repeaters() < max(1, z.Repeats):
		return Backtest{Reason: ReasonTooFewRepeats}, nil
	case bought == 0:
		return Backtest{Reason: ReasonNoPurchases}, nil
	}
	bg, mbg, pareto, nbd := FitBGNBD(s), FitMBGNBD(s), FitParetoNBD(s), FitNBD(s)
	var out Backtest
	for _, c := range []candidate{
		candidateOf("mbgnbd", mbg, func(p []float64) MBGNBD { return MBGNBD{p[0], p[1], p[2], p[3]} }),
		candidateOf("bgnbd", bg, func(p []float64) BGNBD { return BGNBD{p[0], p[1], p[2], p[3]} }),
		candidateOf("pareto_nbd", pareto, func(p []float64) ParetoNBD { return ParetoNBD{p[0], p[1], p[2], p[3]} }),
		candidateOf("nbd", nbd, func(p []float64) NBD { return NBD{p[0], p[1]} }),
	} {
		out.Models = append(out.Models, c.test(held, z))
	}
	best := slices.MinFunc(out.Models, func(a, b ModelTest) int { return cmp.Compare(orInf(a.Error), orInf(b.Error)) })
	switch {
	case best.Error == nil:
		out.Reason = ReasonNotConverged
	case *best.Error > z.Worst:
		out.Reason = ReasonPoorFit
	default:
		out.Chosen = best.Model
	}
	return out, nil
}

// orInf orders what is not known last.
func orInf(v *float64) float64 {
	if v == nil {
		return math.Inf(1)
	}
	return *v
}

// sums are what a group of customers adds up to.
type sums struct {
	customers        int64
	actual, expected float64
	variance         float64
	slopes           []float64 // of expected by the logarithms of the parameters
}

// shiftStep is the step of the logarithms for slopes by central differences.
const shiftStep = 1e-4

// moments are what a customer of one history is expected to buy: mean, variance, and slopes of the mean by the logarithms of the
// parameters.
type moments struct {
	mean, variance float64
	slopes         []float64
}

// momentsIn computes the moments over a time, once for each history.
func (c candidate) momentsIn(t float64) func(h History) moments {
	var up, down []Spread
	if c.covariance != nil {
		for i := range c.parameters {
			up, down = append(up, c.shifted(i, shiftStep)), append(down, c.shifted(i, -shiftStep))
		}
	}
	seen := map[History]moments{}
	return func(h History) moments {
		if m, ok := seen[h]; ok {
			return m
		}
		mean := c.model.Expected(h, t)
		m := moments{mean, variance(c.model, h, t, mean), make([]float64, len(up))}
		for i := range up {
			m.slopes[i] = (up[i].Expected(h, t) - down[i].Expected(h, t)) / (2 * shiftStep)
		}
		seen[h] = m
		return m
	}
}

// add counts customers in.
func (g *sums) add(h Held, m moments) {
	n := float64(h.Count)
	g.customers += h.Count
	g.actual += h.Bought
	g.expected += n * m.mean
	g.variance += n * m.variance
	if g.slopes == nil {
		g.slopes = make([]float64, len(m.slopes))
	}
	for i, v := range m.slopes {
		g.slopes[i] += n * v
	}
}

// test compares the candidate with the hold-out.
func (c candidate) test(held []Held, z Holdout) ModelTest {
	out := ModelTest{Model: c.name, LogLikelihood: c.value, Reason: c.reason}
	if c.model == nil {
		return out
	}
	of := c.momentsIn(z.Time)
	total, cohorts, classes := &sums{}, map[string]*sums{}, make([]sums, z.Top+1)
	for _, h := range held {
		if h.Count == 0 {
			continue
		}
		if cohorts[h.Cohort] == nil {
			cohorts[h.Cohort] = &sums{}
		}
		m := of(h.History)
		for _, g := range []*sums{total, cohorts[h.Cohort], &classes[min(h.Repeats, z.Top)]} {
			g.add(h, m)
		}
	}
	out.Total = c.tested("", total, z.Level)
	for i := range classes {
		out.ByFrequency = append(out.ByFrequency, c.tested(strconv.Itoa(i), &classes[i], z.Level))
	}
	for _, k := range slices.Sorted(maps.Keys(cohorts)) {
		out.ByCohort = append(out.ByCohort, c.tested(k, cohorts[k], z.Level))
	}
	out.Bias = referral.Float(out.Total.Expected/out.Total.Actual - 1)
	out.Error = referral.Float((distance(out.ByFrequency) + distance(out.ByCohort)) / 2 / out.Total.Actual)
	out.Covered = covered(out.ByCohort)
	return out
}

// tested finishes a group.
func (c candidate) tested(key string, g *sums, level float64) Tested {
	out := Tested{Key: key, Customers: g.customers, Actual: g.actual, Expected: g.expected}
	if c.covariance == nil {
		return out
	}
	v := g.variance
	for i, x := range g.slopes {
		for j, y := range g.slopes {
			v += x * y * c.covariance(i, j)
		}
	}
	half := -stats.NormalQuantile((1-level)/2) * math.Sqrt(v)
	out.Lo, out.Hi = referral.Float(math.Max(0, g.expected-half)), referral.Float(g.expected+half)
	return out
}

// distance is Σ|expected − actual|.
func distance(groups []Tested) float64 {
	sum := 0.0
	for _, g := range groups {
		sum += math.Abs(g.Expected - g.Actual)
	}
	return sum
}

// covered is the share of groups within their limits; nil if none has any.
func covered(groups []Tested) *float64 {
	in, of := 0.0, 0.0
	for _, g := range groups {
		inside, ok := g.Inside()
		if ok {
			of++
		}
		if inside {
			in++
		}
	}
	return referral.Float(in / of)
}
