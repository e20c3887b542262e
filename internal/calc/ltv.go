package calc

import (
	"slices"

	"vouch/cohorts/ltv"
)

// unitsInput says in which unit times are given and in which the model's parameters are.
type unitsInput struct {
	TimeUnit  *string `json:"time_unit" calc:"optional"`
	ModelUnit *string `json:"model_unit" calc:"optional"`
}

// factor is what one unit of the times is in units of the model.
func (in unitsInput) factor() (float64, error) {
	if in.TimeUnit == nil && in.ModelUnit == nil {
		return 1, nil
	}
	if in.TimeUnit == nil || in.ModelUnit == nil {
		return 0, Invalid("time_unit and model_unit are given together or not at all")
	}
	return ltv.Unit(*in.TimeUnit).In(ltv.Unit(*in.ModelUnit))
}

// historyInput is customers by what they did, a number for all or one per row.
type historyInput struct {
	X       oneOrMany[int64]   `json:"x"`
	Recency oneOrMany[float64] `json:"t_x"`
	Age     oneOrMany[float64] `json:"T"`
	Count   oneOrMany[int64]   `json:"count" calc:"optional"`
}

// column is an input that is one number for all rows or a list.
type column interface{ rows() int }

// rows is how many rows a list has; -1 for a single value and for an input left out, which suit any number.
func (o oneOrMany[T]) rows() int {
	if o.single || o.list == nil {
		return -1
	}
	return len(o.list)
}

// at is the value of a row, other where the input was left out.
func (o oneOrMany[T]) at(i int, other T) T {
	switch {
	case o.list == nil:
		return other
	case o.single:
		return o.list[0]
	default:
		return o.list[i]
	}
}

// rowsOf is how many rows the columns have together: lists have equal length.
func rowsOf(columns ...column) (int, error) {
	n := -1
	for _, c := range columns {
		switch k := c.rows(); {
		case k == 0:
			return 0, Invalid("no rows")
		case k > 0 && n > 0 && k != n:
			return 0, Invalid("lists have %d and %d entries; want as many of each", n, k)
		case k > 0:
			n = k
		}
	}
	return max(n, 1), nil
}

// patterns reads the histories in units of the model; more columns go along.
func (in historyInput) patterns(factor float64, more ...column) ([]ltv.Pattern, error) {
	n, err := rowsOf(append([]column{in.X, in.Recency, in.Age, in.Count}, more...)...)
	if err != nil {
		return nil, err
	}
	out := make([]ltv.Pattern, n)
	customers := int64(0)
	for i := range out {
		out[i] = ltv.Pattern{
			History: ltv.History{Repeats: in.X.at(i, 0), Recency: in.Recency.at(i, 0) * factor, Age: in.Age.at(i, 0) * factor},
			Count:   in.Count.at(i, 1),
		}
		if err := out[i].Check(); err != nil {
			return nil, Invalid("row %d: %v", i, err)
		}
		if out[i].Count < 0 {
			return nil, Invalid("count[%d]: %d customers", i, out[i].Count)
		}
		customers += out[i].Count
	}
	if customers <= 0 {
		return nil, Invalid("count: no customer")
	}
	return out, nil
}

// sample reads the histories for a likelihood.
func (in historyInput) sample(factor float64) (ltv.Sample, error) {
	p, err := in.patterns(factor)
	if err != nil {
		return ltv.Sample{}, err
	}
	return ltv.NewSample(p)
}

// values are an answer by row, with the total over customers where counts were given.
func values(n int, count oneOrMany[int64], f func(i int) *float64) map[string]any {
	out := make([]*float64, n)
	total, whole := 0.0, true
	for i := range out {
		out[i] = f(i)
		switch c := count.at(i, 1); {
		case out[i] != nil:
			total += float64(c) * *out[i]
		case c > 0:
			whole = false
		}
	}
	res := map[string]any{"values": out, "reason": nil}
	if slices.Contains(out, nil) {
		res["reason"] = ltv.ReasonOutOfRange
	}
	if count.list != nil {
		res["total"] = nil
		if whole {
			res["total"] = total
		}
	}
	return res
}

// notNegative refuses a list that holds a negative value, or one beyond any time and count.
func notNegative[T int64 | float64](name string, o oneOrMany[T]) error {
	for _, v := range o.list {
		if v < 0 || v > 1e15 {
			return Invalid("%s: %v; from 0 to 1e15", name, v)
		}
	}
	return nil
}

// fitted writes a fit: parameters by name, their standard errors, null with a reason where there are none.
func fitted[M any](f ltv.Fit[M], names ...string) map[string]any {
	out := map[string]any{
		"log_likelihood": f.LogLikelihood, "customers": f.Customers, "patterns": f.Patterns,
		"converged": f.Converged, "evaluations": f.Evaluations, "reason": orNull(f.Reason),
	}
	for i, name := range names {
		out[name], out["se_"+name] = nil, nil
		if f.Usable() {
			out[name], out["se_"+name] = f.Parameters[i].Value, f.Parameters[i].SE
		}
	}
	return out
}

// fitOutput lists the fields of fitted.
func fitOutput(names ...string) []string {
	out := append([]string(nil), names...)
	for _, n := range names {
		out = append(out, "se_"+n)
	}
	return append(out, "log_likelihood", "customers", "patterns", "converged", "evaluations", "reason")
}
