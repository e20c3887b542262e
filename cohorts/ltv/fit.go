package ltv

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"vouch/referral"
)

// Reasons for which a fit has no parameters, or no standard errors, or a model no figure.
const (
	ReasonNoRepeats    = "no_repeat_purchases" // nobody bought again
	ReasonNoChurn      = "no_churn"            // nobody left
	ReasonNotConverged = "not_converged"       // no start led to a maximum
	ReasonNoMean       = "mean_undefined"      // the mean over customers is infinite
	ReasonUnlimited    = "unlimited"           // the sum over the future is infinite
	ReasonAtEdge       = "at_edge_of_search"   // a model with fewer parameters explains the data as well
)

// Parameter is an estimate with its standard error.
type Parameter struct {
	Name   string
	Value  float64
	SE     *float64 // nil where the likelihood has no curvature to read it from
	AtEdge bool     // the likelihood still rises, or is flat, where the search ends
}

// Fit is a model at the maximum of its likelihood.
type Fit[M any] struct {
	Model         M
	Parameters    []Parameter // nil if Reason says that there are none
	LogLikelihood *float64
	Customers     int64
	Patterns      int // distinct histories
	// Converged says that another Newton step would not raise the log-likelihood by a millionth.
	Converged   bool
	Starts      int
	Evaluations int // of the likelihood with its gradient, all starts together
	// Reason is empty for a fit with standard errors. At the edge the parameters stand, for predictions are sound,
	// without errors.
	Reason string
	// covariance is that of the logarithms of the parameters.
	covariance *mat.SymDense
}

// Usable says that the fit has a model to predict with.
func (f Fit[M]) Usable() bool { return f.Parameters != nil }

// fitOf finishes a fit from the maximum that was found.
func fitOf[M any](m maximum, err error, names []string, starts int, build func(p []float64) M) Fit[M] {
	out := Fit[M]{Starts: starts, Evaluations: m.evaluations, Converged: m.converged}
	if err != nil || (!m.converged && m.atEdge == nil) {
		out.Reason = ReasonNotConverged
		return out
	}
	out.Model, out.LogLikelihood = build(m.params), referral.Float(m.value)
	if len(m.atEdge) > 0 || m.covariance == nil {
		out.Reason, m.covariance = ReasonAtEdge, nil
	}
	out.covariance = m.covariance
	for i, name := range names {
		p := Parameter{Name: name, Value: m.params[i]}
		if m.covariance != nil {
			// d ln θ = dθ/θ at a maximum.
			p.SE = referral.Float(p.Value * math.Sqrt(m.covariance.At(i, i)))
		}
		for _, e := range m.atEdge {
			p.AtEdge = p.AtEdge || e == i
		}
		out.Parameters = append(out.Parameters, p)
	}
	return out
}

// positive refuses parameters that are not finite and above 0.
func positive(names []string, values ...float64) error {
	for i, v := range values {
		if !(v > 0) || math.IsInf(v, 1) {
			return invalid("%s is %v; it must be finite and above 0", names[i], v)
		}
	}
	return nil
}
