package ltv

import (
	"math"

	"vouch/internal/stats"
)

// BGBB is the beta-geometric/beta-binomial model of rounds: at each of n opportunities a customer who has not left buys with
// his own probability ~ Beta(Alpha, Beta), and before each he leaves with his own ~ Beta(Gamma, Delta).
//
// Its History counts opportunities: Repeats of them used, the last one at Recency, Age of them in all.
// Source: Fader, Hardie and Shang (2010), Marketing Science 29, 1086–1108.
type BGBB struct{ Alpha, Beta, Gamma, Delta float64 }

var bgbbNames = []string{"alpha", "beta", "gamma", "delta"}

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m BGBB) Check() error { return positive(bgbbNames, m.Alpha, m.Beta, m.Gamma, m.Delta) }

// mostRounds bounds the opportunities: a row costs as much as there are after its last purchase.
const mostRounds = 10_000

// CheckRounds refuses a history that is not one of rounds.
func (h History) CheckRounds() error {
	if err := h.Check(); err != nil {
		return err
	}
	if h.Recency != math.Trunc(h.Recency) || h.Age != math.Trunc(h.Age) || h.Age < 1 || h.Age > mostRounds {
		return invalid("recency %v and %v opportunities must be whole numbers, from 1 to %d", h.Recency, h.Age, mostRounds)
	}
	if float64(h.Repeats) > h.Recency {
		return invalid("%d purchases at %v opportunities", h.Repeats, h.Recency)
	}
	return nil
}

// rising holds ln (c)_k = ln Γ(c+k)/Γ(c) and its derivative by c for every k up to n.
type rising struct{ log, slope []float64 }

func newRising(c float64, n int) rising {
	out := rising{make([]float64, n+1), make([]float64, n+1)}
	for k := range out.log {
		out.log[k], out.slope[k] = stats.LogGammaRatio(c, float64(k)), stats.DigammaDifference(c, float64(k))
	}
	return out
}

// bgbbTables are the rising factorials that beta functions of whole steps are made of:
// B(α+i,β+j)/B(α,β) = (α)_i (β)_j / (α+β)_(i+j).
type bgbbTables struct{ a, b, ab, c, d, cd rising }

func (m BGBB) tables(n int) bgbbTables {
	return bgbbTables{
		newRising(m.Alpha, n+1), newRising(m.Beta, n+1), newRising(m.Alpha+m.Beta, n+1),
		newRising(m.Gamma, 1), newRising(m.Delta, n+1), newRising(m.Gamma+m.Delta, n+1),
	}
}

// branch is the logarithm of buying x times in the first n rounds, and leaving after them (left) or not, in a given order.
func (t bgbbTables) branch(x, n int, left bool) float64 {
	buy := t.a.log[x] + t.b.log[n-x] - t.ab.log[n]
	if left {
		return buy + t.c.log[1] + t.d.log[n] - t.cd.log[n+1]
	}
	return buy + t.d.log[n] - t.cd.log[n]
}

// row is the log-likelihood of a history, and its gradient by α, β, γ, δ if grad is given.
func (t bgbbTables) row(h History, grad []float64) float64 {
	x, last, n := int(h.Repeats), int(h.Recency), int(h.Age)
	total := t.branch(x, n, false)
	for i := last; i < n; i++ {
		total = logAdd(total, t.branch(x, i, true))
	}
	if grad == nil {
		return total
	}
	add := func(at int, left bool) {
		w, j := math.Exp(t.branch(x, at, left)-total), 0
		if left {
			j = 1
		}
		grad[0] += w * (t.a.slope[x] - t.ab.slope[at])
		grad[1] += w * (t.b.slope[at-x] - t.ab.slope[at])
		grad[2] += w * (t.c.slope[j] - t.cd.slope[at+j])
		grad[3] += w * (t.d.slope[at] - t.cd.slope[at+j])
	}
	add(n, false)
	for i := last; i < n; i++ {
		add(i, true)
	}
	return total
}

// LogLikelihood is the log-likelihood of a sample of rounds, counts as weights.
//
//	Σ ln [ B(α+x,β+n−x) B(γ,δ+n) + Σ_{i=t_x}^{n−1} B(α+x,β+i−x) B(γ+1,δ+i) ] / (B(α,β) B(γ,δ))
//
// Source: the paper, equation (5). Checked against: its donation table, in bgbb_test.go.
func (m BGBB) LogLikelihood(s Sample) float64 {
	return s.bgbb()([]float64{m.Alpha, m.Beta, m.Gamma, m.Delta}, make([]float64, 4))
}

// Alive is the probability that a customer has not left before opportunity n+1.
func (m BGBB) Alive(h History) float64 {
	t := m.tables(int(h.Age))
	return math.Exp(m.logStays(t, h, 1) - t.row(h, nil))
}

// logStays is the logarithm of the history together with staying for j more rounds.
func (m BGBB) logStays(t bgbbTables, h History, j float64) float64 {
	x, n := int(h.Repeats), int(h.Age)
	return t.a.log[x] + t.b.log[n-x] - t.ab.log[n] + stats.LogBetaRatio(m.Gamma, m.Delta, h.Age+j)
}

// Expected is the number of purchases to expect in the next t opportunities; a part of one does not count.
//
//	Σ_{j=1}^{t} B(α+x+1,β+n−x) B(γ,δ+n+j) / (B(α,β) B(γ,δ) L)
//
// Checked against: the paper's donations, in bgbb_test.go.
func (m BGBB) Expected(h History, t float64) float64 {
	tables := m.tables(int(h.Age))
	row := tables.row(h, nil)
	buys := (m.Alpha + float64(h.Repeats)) / (m.Alpha + m.Beta + h.Age)
	sum := 0.0
	for j := 1.0; j <= t; j++ {
		sum += math.Exp(m.logStays(tables, h, j) - row)
	}
	return buys * sum
}

// ExpectedNew is the number of purchases to expect of a new customer in t opportunities.
func (m BGBB) ExpectedNew(t float64) float64 {
	sum := 0.0
	for j := 1.0; j <= t; j++ {
		sum += math.Exp(stats.LogBetaRatio(m.Gamma, m.Delta, j))
	}
	return m.Alpha / (m.Alpha + m.Beta) * sum
}

// FitBGBB returns the model of highest likelihood. A history that is not one of rounds wraps ErrInput; nobody with a
// purchase: reason no_repeat_purchases.
func FitBGBB(s Sample) (Fit[BGBB], error) {
	for _, p := range s.patterns {
		if err := p.CheckRounds(); err != nil {
			return Fit[BGBB]{}, err
		}
	}
	starts := [][]float64{{1, 1, 0.5, 2}, {2, 5, 1, 10}, {0.5, 0.5, 1, 1}}
	return fitRepeats(s, bgbbNames, starts, func() (maximum, error) {
		return maximise(s.bgbb(), float64(s.customers), []float64{1, 1, 1, 1}, starts)
	}, func(p []float64) BGBB { return BGBB{p[0], p[1], p[2], p[3]} }), nil
}

func (s Sample) bgbb() likelihood {
	rounds := 0.0
	for _, p := range s.patterns {
		rounds = math.Max(rounds, p.Age)
	}
	return func(p, grad []float64) float64 {
		t := BGBB{p[0], p[1], p[2], p[3]}.tables(int(rounds))
		clear(grad)
		value := 0.0
		var own [4]float64
		for _, c := range s.patterns {
			clear(own[:])
			w := float64(c.Count)
			value += w * t.row(c.History, own[:])
			for i := range own {
				grad[i] += w * own[i]
			}
		}
		return value
	}
}
