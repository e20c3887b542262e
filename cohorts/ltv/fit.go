package ltv

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"vouch/referral"
)

// Reasons for which a fit has no parameters, or no standard errors, or a model no figure.
const (
	ReasonNoRepeats     = "no_repeat_purchases" // nobody bought again
	ReasonNoChurn       = "no_churn"            // nobody left
	ReasonNotConverged  = "not_converged"       // no start led to a maximum
	ReasonNoMean        = "mean_undefined"      // the mean over customers is infinite
	ReasonUnlimited     = "unlimited"           // the sum over the future is infinite
	ReasonNotIdentified = "not_identified"      // a model with fewer parameters explains the data as well
)

// Parameter is an estimate with its standard error.
type Parameter struct {
	Name  string
	Value float64
	SE    *float64 // nil where the likelihood has no curvature to read it from
	// Flat says that the data do not tell the parameter: the likelihood rises up to the edge of the search, or hardly
	// changes over orders of magnitude.
	Flat bool
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
	// Reason is empty for a fit with standard errors. Where a parameter is not identified the model stands, for its
	// predictions hardly depend on it.
	Reason string
	// covariance is that of the logarithms of the parameters.
	covariance *mat.SymDense
}

// flat is the standard error of a parameter's logarithm from which on it is not identified: its limits
// at 95 % are then factors of four hundred apart from it.
const flat = 3

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
	if m.covariance == nil || len(m.atEdge) > 0 {
		out.Reason, m.covariance = ReasonNotIdentified, nil
	}
	out.covariance = m.covariance
	for i, name := range names {
		p := Parameter{Name: name, Value: m.params[i], Flat: slices.Contains(m.atEdge, i)}
		if m.covariance != nil {
			spread := math.Sqrt(m.covariance.At(i, i)) // of ln θ; d ln θ = dθ/θ at a maximum
			if p.Flat = !(spread < flat); p.Flat {
				out.Reason = ReasonNotIdentified
			} else {
				p.SE = referral.Float(p.Value * spread)
			}
		}
		out.Parameters = append(out.Parameters, p)
	}
	return out
}

// Bounds of what is computed with. A parameter outside of its bounds says that a customer never or always does something;
// times and amounts beyond theirs are no times and amounts.
const (
	smallestParameter = 1e-9
	largestParameter  = 1e12
	largest           = 1e15
)

// positive refuses parameters that are not within their bounds.
func positive(names []string, values ...float64) error {
	for i, v := range values {
		if !(v >= smallestParameter && v <= largestParameter) {
			return invalid("%s is %v; it must lie between %g and %g", names[i], v, smallestParameter, largestParameter)
		}
	}
	return nil
}
