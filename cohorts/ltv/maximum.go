package ltv

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// likelihood is a log-likelihood of positive parameters; grad takes its derivatives by the parameters.
type likelihood func(params, grad []float64) float64

// maximum is what a search found. Derivatives are by the logarithms of the parameters.
type maximum struct {
	params      []float64
	value       float64
	covariance  *mat.SymDense // of the logarithms; nil where the curvature is not that of a maximum
	atEdge      []int         // parameters at the edge of the search
	converged   bool
	evaluations int
}

// The search.
const (
	// edge bounds the logarithm of a parameter, in its own unit: between a hundred-thousandth and a hundred
	// thousand. Beyond it lie models with fewer parameters, which differ by less than data could tell.
	edge = 12.0
	// beyond is how far the likelihood is followed past the edge; a line search may ask for much more.
	beyond = edge + 2
	// wall is the curvature of the penalty beyond the edge, per customer.
	wall = 1.0
	// enough is what another Newton step may still promise in log-likelihood at convergence.
	enough = 1e-6
	// differenceStep is the step of the logarithms for the second derivatives, central differences of the analytic
	// gradient: the error is of the order of its square.
	differenceStep = 1e-4
	newtonSteps    = 12
)

// problem is a likelihood on the scale it is searched on: logarithms of the parameters in units of scale,
// per customer, turned to be minimised, with a penalty beyond the edge.
type problem struct {
	f           likelihood
	scale       []float64
	weight      float64 // customers
	params      []float64
	evaluations int
}

// at returns the objective at x and writes its gradient.
func (p *problem) at(grad, x []float64) float64 {
	p.evaluations++
	for i, v := range x {
		p.params[i] = p.scale[i] * math.Exp(math.Max(-beyond, math.Min(beyond, v)))
	}
	value := -p.f(p.params, grad) / p.weight
	for i, v := range x {
		grad[i] *= -p.params[i] / p.weight
		if math.Abs(v) > beyond {
			grad[i] = 0
		}
		if over := math.Abs(v) - edge; over > 0 {
			value += wall * over * over / 2
			grad[i] += math.Copysign(wall*over, v)
		}
	}
	return value
}

// maximise searches the maximum of f from every start; parameters are in units of scale, starts too.
// It returns the best maximum of all starts. An error says that no start led anywhere.
func maximise(f likelihood, weight float64, scale []float64, starts [][]float64) (maximum, error) {
	n := len(scale)
	p := &problem{f: f, scale: scale, weight: weight, params: make([]float64, n)}
	var best []float64
	least := math.Inf(1)
	var failures []error
	for _, start := range starts {
		x, err := p.descend(start)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		grad := make([]float64, n)
		if v := p.at(grad, x); v < least {
			best, least = x, v
		}
	}
	if best == nil {
		return maximum{}, fmt.Errorf("search of the maximum: %w", errors.Join(failures...))
	}
	return p.finish(best), nil
}

// search maximises a likelihood over a sample: of a large one first over a thinned sample from every start, then over the whole
// by Newton's method from there, and from every start after all if that does not converge.
func (s Sample) search(of func(Sample) likelihood, scale []float64, starts [][]float64) (maximum, error) {
	weight, spent := float64(s.customers), 0
	if few, ok := s.thin(); ok {
		if near, err := maximise(of(few), weight, scale, starts); err == nil {
			p := &problem{f: of(s), scale: scale, weight: weight, params: make([]float64, len(scale))}
			x := make([]float64, len(scale))
			for i, v := range near.params {
				x[i] = math.Log(v / scale[i])
			}
			out := p.finish(x)
			spent = near.evaluations + out.evaluations
			if out.converged {
				out.evaluations = spent
				return out, nil
			}
		}
	}
	out, err := maximise(of(s), weight, scale, starts)
	out.evaluations += spent
	return out, err
}

// descend runs BFGS from a start. That a line search ends on rounding is no failure: finish judges.
func (p *problem) descend(start []float64) ([]float64, error) {
	x := make([]float64, len(start))
	for i, v := range start {
		x[i] = math.Log(v)
	}
	last := &optimize.Location{}
	value := func(x []float64) float64 {
		if last.X == nil || !equal(last.X, x) {
			last.X, last.Gradient = append(last.X[:0], x...), make([]float64, len(x))
			last.F = p.at(last.Gradient, x)
		}
		return last.F
	}
	res, err := optimize.Minimize(optimize.Problem{
		Func: value,
		Grad: func(grad, x []float64) { value(x); copy(grad, last.Gradient) },
	}, x, &optimize.Settings{
		GradientThreshold: 1e-7, MajorIterations: 400,
		Converger: &optimize.FunctionConverge{Absolute: 1e-13, Iterations: 8},
	}, &optimize.BFGS{})
	if res == nil || res.X == nil || math.IsNaN(res.F) || math.IsInf(res.F, 0) {
		return nil, fmt.Errorf("from %v: %w", start, err)
	}
	return res.X, nil
}

func equal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// finish takes Newton steps until they promise nothing more, and reads the curvature.
func (p *problem) finish(x []float64) maximum {
	n := len(x)
	grad := make([]float64, n)
	value := p.at(grad, x)
	var chol mat.Cholesky
	var out maximum
	for range newtonSteps {
		h := p.curvature(x)
		out.covariance = nil
		if chol.Factorize(h) {
			out.covariance = new(mat.SymDense)
			if err := chol.InverseTo(out.covariance); err != nil {
				out.covariance = nil
			}
		}
		if out.covariance == nil && !steepen(&chol, h) {
			break
		}
		var step mat.VecDense
		if err := chol.SolveVecTo(&step, mat.NewVecDense(n, grad)); err != nil {
			break
		}
		promise := mat.Dot(&step, mat.NewVecDense(n, grad)) / 2 * p.weight
		out.converged = promise < enough
		if promise < enough/1000 {
			break
		}
		next, g, v := p.step(x, &step, value, out.converged)
		if next == nil {
			break
		}
		x, grad, value = next, g, v
	}
	out.params = make([]float64, n)
	for i, v := range x {
		out.params[i] = p.scale[i] * math.Exp(math.Max(-beyond, math.Min(beyond, v)))
		if math.Abs(v) > edge-1 {
			out.atEdge = append(out.atEdge, i)
		}
	}
	out.value = p.f(out.params, grad)
	if out.covariance != nil {
		out.covariance.ScaleSym(1/p.weight, out.covariance)
	}
	out.evaluations = p.evaluations
	return out
}

// steepen factorises a curvature that is flat or turns the wrong way in some direction, made steeper in all by as little as it takes
// (Levenberg and Marquardt). A ridge is then walked along, and has no covariance.
func steepen(chol *mat.Cholesky, h *mat.SymDense) bool {
	n := h.SymmetricDim()
	top := 0.0
	for i := range n {
		top = math.Max(top, math.Abs(h.At(i, i)))
	}
	for more := 1e-8 * top; more > 0 && more <= 100*top; more *= 10 {
		steeper := mat.NewSymDense(n, nil)
		steeper.CopySym(h)
		for i := range n {
			steeper.SetSym(i, i, h.At(i, i)+more)
		}
		if chol.Factorize(steeper) && chol.Cond() < 1e12 {
			return true
		}
	}
	return false
}

// step goes from x against a step, or half of it, a quarter and so on if the objective would not fall; nil if it never does.
// Near a maximum, where rounding decides, only the whole step is tried.
func (p *problem) step(x []float64, step *mat.VecDense, value float64, near bool) (next, grad []float64, least float64) {
	next, grad = make([]float64, len(x)), make([]float64, len(x))
	for part := 1.0; part > 1e-3; part /= 2 {
		for i := range x {
			next[i] = x[i] - part*step.AtVec(i)
		}
		if v := p.at(grad, next); v <= value {
			return next, grad, v
		} else if near {
			break
		}
	}
	return nil, nil, value
}

// curvature is the matrix of second derivatives at x.
func (p *problem) curvature(x []float64) *mat.SymDense {
	n := len(x)
	up, down, y := make([]float64, n), make([]float64, n), make([]float64, n)
	h := mat.NewDense(n, n, nil)
	for i := range x {
		copy(y, x)
		y[i] = x[i] + differenceStep
		p.at(up, y)
		y[i] = x[i] - differenceStep
		p.at(down, y)
		for j := range x {
			h.Set(i, j, (up[j]-down[j])/(2*differenceStep))
		}
	}
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, (h.At(i, j)+h.At(j, i))/2)
		}
	}
	return sym
}
