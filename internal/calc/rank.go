package calc

import "vouch/internal/stats"

// rankMethods compare values by their order.
func rankMethods() []Method {
	type values struct {
		Values []float64 `json:"values"`
	}
	type question struct {
		Control     values `json:"control"`
		Treatment   values `json:"treatment"`
		Alternative string `json:"alternative" calc:"optional"`
	}
	test := func(f func(c, t []float64, alt stats.Alternative) (stats.Test, error)) func(question) (any, error) {
		return func(q question) (any, error) {
			return f(q.Control.Values, q.Treatment.Values, stats.Alternative(q.Alternative))
		}
	}
	return []Method{
		method("rank.mann_whitney.exact", "Whether values of the treatment tend to be larger, by the exact distribution of the ranks.", testFields, test(stats.MannWhitneyExact)),
		method("rank.mann_whitney.normal", "Whether values of the treatment tend to be larger, ties allowed.", testFields, test(stats.MannWhitney)),
	}
}
