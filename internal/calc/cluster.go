package calc

import (
	"encoding/json"

	"vouch/internal/stats"
)

// clusterArm is an arm of clusters: sums and sizes, or rows with the name of their cluster.
type clusterArm struct {
	Sums     []float64         `json:"sums" calc:"optional"`
	Sizes    []float64         `json:"sizes" calc:"optional"`
	Values   []float64         `json:"values" calc:"optional"`
	Clusters []json.RawMessage `json:"clusters" calc:"optional"`
}

// clusters gathers rows into clusters, in the order in which their names appear.
func (a clusterArm) clusters() (stats.Clusters, error) {
	if a.Values == nil && a.Clusters == nil {
		if a.Sums == nil || a.Sizes == nil {
			return stats.Clusters{}, Invalid("an arm needs sums and sizes, or values and clusters")
		}
		return stats.Clusters{Sums: a.Sums, Sizes: a.Sizes}, nil
	}
	if len(a.Values) != len(a.Clusters) {
		return stats.Clusters{}, Invalid("%d values and %d clusters", len(a.Values), len(a.Clusters))
	}
	var out stats.Clusters
	index := map[string]int{}
	for i, raw := range a.Clusters {
		key := string(raw)
		if key == "null" {
			return out, Invalid("clusters[%d] is null", i)
		}
		k, ok := index[key]
		if !ok {
			k = len(out.Sums)
			index[key] = k
			out.Sums, out.Sizes = append(out.Sums, 0), append(out.Sizes, 0)
		}
		out.Sums[k] += a.Values[i]
		out.Sizes[k]++
	}
	return out, nil
}

type clusterArms struct {
	Control   clusterArm `json:"control"`
	Treatment clusterArm `json:"treatment"`
}

func (a clusterArms) clusters() (c, t stats.Clusters, err error) {
	if c, err = a.Control.clusters(); err != nil {
		return c, t, Invalid("control: %v", err)
	}
	if t, err = a.Treatment.clusters(); err != nil {
		return c, t, Invalid("treatment: %v", err)
	}
	return c, t, nil
}

// clusterMethods compare arms whose rows are clustered by what was randomised.
func clusterMethods() []Method {
	type question struct {
		clusterArms
		options
	}
	compare := func(f func(c, t stats.Clusters, level float64, alt stats.Alternative) (stats.Comparison, error)) func(question) (any, error) {
		return func(q question) (any, error) {
			c, t, err := q.clusters()
			if err != nil {
				return nil, err
			}
			return f(c, t, q.level.level(), q.alternative())
		}
	}
	return []Method{
		method("cluster.difference.cr1", "Difference of two clustered arms with the cluster-robust variance.", append([]string{"se_cr0"}, comparisonFields...), func(q question) (any, error) {
			c, t, err := q.clusters()
			if err != nil {
				return nil, err
			}
			return stats.CompareCR1(c, t, q.level.level(), q.alternative())
		}),
		method("cluster.difference.delta", "Difference of two clustered arms by the delta method.", comparisonFields, compare(stats.CompareClusters)),
		method("cluster.difference.jackknife", "Difference of two clustered arms by the delete-one jackknife.", comparisonFields, compare(stats.CompareJackknife)),
		method("cluster.permutation.studentised_exact", "Exact studentised permutation test of two clustered arms.", []string{"statistic", "permutations", "extreme", "p_value", "reason"}, func(q clusterArms) (any, error) {
			c, t, err := q.clusters()
			if err != nil {
				return nil, err
			}
			return stats.ComparePermuted(c, t)
		}),
	}
}
