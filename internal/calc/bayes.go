package calc

import (
	"vouch/internal/stats"
	"vouch/referral"
)

var beliefFields = []string{"chance_to_win", "expected_loss_control", "expected_loss_treatment"}

type betaQuestion struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
}

// bayesMethods say how likely an arm is the best, and what a wrong choice costs on average.
func bayesMethods() []Method {
	type posterior struct {
		Mean float64 `json:"mean"`
		SD   float64 `json:"sd"`
	}
	type effect struct {
		meanArms
		Scale         string `json:"scale" calc:"optional"`
		PriorMean     number `json:"prior_mean" calc:"optional"`
		PriorVariance number `json:"prior_variance" calc:"optional"`
		level
	}
	type shares struct {
		shareArms
		Prior *betaQuestion `json:"prior" calc:"optional"`
	}
	type several struct {
		Arms []betaQuestion `json:"arms"`
	}
	return []Method{
		method("bayes.expected_loss.normal", "Chance to win and expected losses under a normal posterior of a difference.", append([]string{"reason"}, beliefFields...), func(q posterior) (any, error) {
			out := struct {
				stats.Belief
				Reason string `json:"reason,omitempty"`
			}{}
			b, known, err := stats.NormalBelief(q.Mean, q.SD)
			if out.Belief = b; !known {
				out.Reason = referral.ReasonZeroVariance
			} else if b.LossControl == nil || b.LossTreatment == nil {
				out.Reason = stats.ReasonOutOfRange
			}
			return out, err
		}),
		method("bayes.normal_effect", "Posterior of a difference or lift with chance to win and expected losses.", append([]string{"estimate", "sd", "lower", "upper", "reason"}, beliefFields...), func(q effect) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			if q.Scale != "" && q.Scale != "absolute" && q.Scale != "relative" {
				return nil, Invalid("scale %q is not absolute or relative", q.Scale)
			}
			var prior *stats.NormalPrior
			if q.PriorVariance.set {
				prior = &stats.NormalPrior{Mean: q.PriorMean.v, Variance: q.PriorVariance.v}
			}
			return stats.BayesEffect(c, t, prior, q.Scale == "relative", q.level.level())
		}),
		method("bayes.beta_binomial", "Chance to win and expected losses of two shares under beta posteriors.", append([]string{"posterior_mean_control", "posterior_mean_treatment", "estimate"}, beliefFields...), func(q shares) (any, error) {
			prior := stats.BetaParams{Alpha: 1, Beta: 1}
			if q.Prior != nil {
				prior = stats.BetaParams(*q.Prior)
			}
			return stats.BayesShares(q.Control.counts(), q.Treatment.counts(), prior)
		}),
		method("bayes.beta_binomial.probability_best", "Probability of each arm to have the largest share, from their beta posteriors.", []string{"probability_best"}, func(q several) (any, error) {
			var arms []stats.BetaParams
			for _, a := range q.Arms {
				arms = append(arms, stats.BetaParams(a))
			}
			best, err := stats.ProbabilityBest(arms)
			return struct {
				ProbabilityBest []float64 `json:"probability_best"`
			}{best}, err
		}),
	}
}
