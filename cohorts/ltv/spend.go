package ltv

import (
	"cmp"
	"math"
	"slices"

	"vouch/internal/stats"
)

// GammaGamma is the model of spend per purchase: a customer's purchases are gamma with shape P and his own rate,
// which is Gamma(Q, rate V) over customers.
//
// It assumes that how much is spent on a purchase does not depend on how often one buys: look at the correlation of both first.
// Money is in any one unit, that of V. Source: Fader, Hardie and Lee (2005), Journal of Marketing Research 42, 415–430.
type GammaGamma struct{ P, Q, V float64 }

var spendNames = []string{"p", "q", "v"}

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m GammaGamma) Check() error { return positive(spendNames, m.P, m.Q, m.V) }

// Spend is what Count customers with so many repeat purchases spent on one of them in the mean.
type Spend struct {
	Repeats int64
	Mean    float64 // above 0 where Repeats are
	Count   int64
}

// Spends is customers by their spend. The zero Spends holds nobody.
type Spends struct {
	rows      []Spend // with repeats
	customers int64   // all
	patterns  int     // distinct rows, those without repeats too
	repeaters float64
	mean      float64
}

// NewSpends merges equal rows and puts them in order. Customers without repeat purchases are counted and say nothing. No customer
// at all, a negative count or a mean that is not above 0 where there are repeats wraps ErrInput.
func NewSpends(rows []Spend) (Spends, error) {
	var s Spends
	all := make([]Spend, 0, len(rows))
	for _, r := range rows {
		switch {
		case r.Count < 0 || r.Repeats < 0:
			return Spends{}, invalid("%d customers with %d repeat purchases", r.Count, r.Repeats)
		case !(math.Abs(r.Mean) <= largest) || (r.Repeats > 0 && r.Mean <= 0):
			return Spends{}, invalid("a mean spend of %v over %d purchases; it must be a number above 0 and not above %g", r.Mean, r.Repeats, largest)
		}
		if s.customers += r.Count; s.customers < 0 {
			return Spends{}, invalid("too many customers")
		}
		if r.Count > 0 {
			all = append(all, r)
		}
	}
	if s.customers == 0 {
		return Spends{}, invalid("no customer")
	}
	slices.SortFunc(all, func(a, b Spend) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Mean, b.Mean))
	})
	for i, r := range all {
		same := i > 0 && all[i-1].Repeats == r.Repeats && all[i-1].Mean == r.Mean
		if !same {
			s.patterns++
		}
		switch {
		case r.Repeats == 0:
			continue
		case same:
			s.rows[len(s.rows)-1].Count += r.Count
		default:
			s.rows = append(s.rows, r)
		}
		s.repeaters += float64(r.Count)
		s.mean += float64(r.Count) * r.Mean
	}
	if s.repeaters > 0 {
		s.mean /= s.repeaters
	}
	return s, nil
}

// LogLikelihood is the log-likelihood of the customers with repeat purchases, counts as weights.
//
//	Σ lnΓ(px+q) − lnΓ(px) − lnΓ(q) + q ln v + (px−1) ln m + px ln x − (px+q) ln(v+mx)
//
// Checked against: integration over the customer's rate, in spend_test.go.
func (m GammaGamma) LogLikelihood(s Spends) float64 {
	return s.likelihood()([]float64{m.P, m.Q, m.V}, make([]float64, 3))
}

// Expected is the spend to expect on a further purchase of a customer with so many repeats of a mean spend:
//
//	p(v+mx)/(px+q−1)
//
// ok is false where it does not exist: px+q ≤ 1.
func (m GammaGamma) Expected(repeats int64, mean float64) (value float64, ok bool) {
	x := float64(repeats)
	if repeats == 0 {
		mean = 0
	}
	below := m.P*x + m.Q - 1
	return m.P * (m.V + mean*x) / below, below > 0
}

// Population is the mean spend over customers, p v/(q−1). ok is false for q ≤ 1, where it is infinite: a few customers
// could then spend any amount, and no customer value should be told.
func (m GammaGamma) Population() (value float64, ok bool) { return m.Expected(0, 0) }

// FitGammaGamma returns the model of highest likelihood. Nobody with a repeat purchase: no parameters, reason
// no_repeat_purchases. A fit with q ≤ 1 stands; it has no population mean.
// Checked against: the CDNOW figures of the paper's note, lifetimes 0.11.3, in public_test.go.
func FitGammaGamma(s Spends) Fit[GammaGamma] {
	out := Fit[GammaGamma]{Reason: ReasonNoRepeats}
	if s.repeaters > 0 {
		starts := [][]float64{{5, 4, 0.6}, {1, 2, 1}, {20, 10, 0.5}}
		m, err := maximise(s.likelihood(), s.repeaters, []float64{1, 1, s.mean}, starts)
		out = fitOf(m, err, spendNames, len(starts), func(p []float64) GammaGamma { return GammaGamma{p[0], p[1], p[2]} })
	}
	out.Customers, out.Patterns = s.customers, s.patterns
	return out
}

func (s Spends) likelihood() likelihood {
	return func(params, grad []float64) float64 {
		p, q, v := params[0], params[1], params[2]
		value, dp, dq, dv := 0.0, 0.0, 0.0, 0.0
		at, gamma, byP, byQ := int64(-1), 0.0, 0.0, 0.0
		lgQ, _ := math.Lgamma(q)
		digammaQ := stats.Digamma(q)
		for _, r := range s.rows {
			x, w := float64(r.Repeats), float64(r.Count)
			if r.Repeats != at {
				at = r.Repeats
				// ln Γ(px+q) − ln Γ(px), with its derivatives.
				gamma = stats.LogGammaRatio(p*x, q) - lgQ
				difference := stats.DigammaDifference(p*x, q)
				byP, byQ = x*difference, difference+stats.Digamma(p*x)-digammaQ
			}
			// px ln(mx) − (px+q) ln(v+mx) + q ln v = −px ln(1+v/mx) − q ln(1+mx/v), and −ln m.
			mx := r.Mean * x
			spent, prior := math.Log1p(v/mx), math.Log1p(mx/v)
			value += w * (gamma - p*x*spent - q*prior - math.Log(r.Mean))
			dp += w * (byP - x*spent)
			dq += w * (byQ - prior)
			dv += w * (q*mx/v - p*x) / (v + mx)
		}
		grad[0], grad[1], grad[2] = dp, dq, dv
		return value
	}
}
