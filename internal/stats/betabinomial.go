package stats

import "math"

// BetaParams are the parameters of a beta distribution: a prior or a posterior of a share.
type BetaParams struct{ Alpha, Beta float64 }

// Bounds of parameters: with less nearly all of the probability lies on 0 and 1 themselves, with more the
// distribution is narrower than numbers near its mean lie apart.
const (
	smallestParam = 1e-6
	largestParam  = 1e20
)

func (p BetaParams) check() error {
	for _, v := range [2]float64{p.Alpha, p.Beta} {
		if !(v >= smallestParam && v <= largestParam) {
			return invalid("beta distribution with parameters %g and %g; they must lie between %g and %g", p.Alpha, p.Beta, smallestParam, largestParam)
		}
	}
	return nil
}

// mean is α/(α+β).
func (p BetaParams) mean() float64 { return p.Alpha / (p.Alpha + p.Beta) }

// logit is the mode of the distribution on the scale of ln(x/(1−x)), and about its standard deviation there.
func (p BetaParams) logit() (mode, sd float64) {
	return math.Log(p.Alpha) - math.Log(p.Beta), math.Sqrt(1/p.Alpha + 1/p.Beta)
}

// ShareBelief is what two beta posteriors say about shipping the treatment.
type ShareBelief struct {
	MeanControl   *float64 `json:"posterior_mean_control"`
	MeanTreatment *float64 `json:"posterior_mean_treatment"`
	Estimate      *float64 `json:"estimate"`
	Belief
}

// BayesShares compares two shares by independent beta posteriors.
//
//	posterior Beta(α + successes, β + failures); P(p_T > p_C), E max(p_T − p_C, 0), E max(p_C − p_T, 0)
//
// By quadrature on the scale of the log odds, where every integrand is log-concave: no simulation, a cost
// that does not grow with the counts, and a relative precision near 1e-9 down to probabilities of 1e-300.
// An arm without trials keeps the prior. Both losses differ by the difference of the means; the smaller is
// integrated. Parameters below 1e-6 or above 1e20
// are ErrInput.
// Source: Miller (2015), Formulas for Bayesian A/B Testing; Stucchio (2014), Bayesian A/B Testing at VWO.
// Checked against: Miller's finite sum and mpmath 1.4.1, quad at 40 digits, in betabinomial_test.go.
func BayesShares(c, t Counts, prior BetaParams) (ShareBelief, error) {
	var posterior [2]BetaParams
	for i, a := range [2]Counts{c, t} {
		if err := a.check(); err != nil {
			return ShareBelief{}, err
		}
		posterior[i] = BetaParams{prior.Alpha + float64(a.Successes), prior.Beta + float64(a.Trials-a.Successes)}
	}
	if err := prior.check(); err != nil {
		return ShareBelief{}, err
	}
	pc, pt := posterior[0], posterior[1]
	d := pt.mean() - pc.mean()
	out := ShareBelief{MeanControl: num(pc.mean()), MeanTreatment: num(pt.mean()), Estimate: num(d)}
	small, large := pc, pt
	if d < 0 {
		small, large = pt, pc
	}
	// Against the order of the means: the small probability and the small loss.
	less, loss := probabilityAbove(small, large), expectedExcess(small, large)
	win, kept, shipped := 1-less, loss+math.Abs(d), loss
	if d < 0 {
		win, kept, shipped = less, loss, loss+math.Abs(d)
	}
	out.Belief = Belief{ChanceToWin: num(win), LossControl: num(kept), LossTreatment: num(shipped)}
	return out, nil
}

// probabilityAbove is P(x > y) of independent beta variables: the density of the narrower one against the
// tail of the other, whose product is as smooth as can be.
func probabilityAbove(x, y BetaParams) float64 {
	_, sx := x.logit()
	_, sy := y.logit()
	var p float64
	if sx < sy {
		p = overLogit(func(u float64) float64 {
			lower, _ := logitTails(u, y.Alpha, y.Beta)
			return logitDensity(u, x.Alpha, x.Beta) + lower
		}, x, y)
	} else {
		p = overLogit(func(u float64) float64 {
			_, upper := logitTails(u, x.Alpha, x.Beta)
			return logitDensity(u, y.Alpha, y.Beta) + upper
		}, x, y)
	}
	return math.Min(1, math.Exp(p))
}

// expectedExcess is E max(x − y, 0) = ∫ P(x > s) P(y ≤ s) ds of independent beta variables.
func expectedExcess(x, y BetaParams) float64 {
	return math.Exp(overLogit(func(u float64) float64 {
		_, upper := logitTails(u, x.Alpha, x.Beta)
		lower, _ := logitTails(u, y.Alpha, y.Beta)
		return upper + lower - softplus(u) - softplus(-u) // ds = s(1−s) du
	}, x, y))
}

// overLogit is logIntegral from between the modes of the distributions at the scale of the narrowest.
func overLogit(g func(u float64) float64, all ...BetaParams) float64 {
	start, step := 0.0, math.Inf(1)
	var marks []float64 // around the steps that narrow distributions make in wide ones
	for _, p := range all {
		mode, sd := p.logit()
		marks = append(marks, mode-8*sd, mode, mode+8*sd)
		start, step = start+mode/float64(len(all)), math.Min(step, sd)
	}
	return logIntegral(g, start, step, marks...)
}

// maxBest bounds the arms of ProbabilityBest: the work grows with their square.
const maxBest = 200

// ProbabilityBest returns for each of several independent beta posteriors the probability that its share is
// the largest.
//
//	P_i = ∫ density_i Π_{j≠i} P(x_j ≤ s) ds, on the scale of the log odds
//
// Of one arm it is 1. No arms, or more than 200: ErrInput.
// Source: the definition.
// Checked against: BayesShares for two arms, scipy 1.17.1, quad, for more, in betabinomial_test.go.
func ProbabilityBest(arms []BetaParams) ([]float64, error) {
	if len(arms) == 0 || len(arms) > maxBest {
		return nil, invalid("%d arms", len(arms))
	}
	for _, a := range arms {
		if err := a.check(); err != nil {
			return nil, err
		}
	}
	if len(arms) == 1 {
		return []float64{1}, nil
	}
	out := make([]float64, len(arms))
	for i, a := range arms {
		out[i] = math.Min(1, math.Exp(overLogit(func(u float64) float64 {
			sum := logitDensity(u, a.Alpha, a.Beta)
			for j, b := range arms {
				if j != i {
					lower, _ := logitTails(u, b.Alpha, b.Beta)
					sum += lower
				}
			}
			return sum
		}, arms...)))
	}
	return out, nil
}
