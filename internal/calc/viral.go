package calc

import "vouch/cohorts"

type kFactorInput struct {
	Seeds      float64  `json:"seeds"`
	Invites    float64  `json:"invites_per_user"`
	Conversion float64  `json:"conversion"`
	Waves      int      `json:"waves"`
	CycleDays  *float64 `json:"cycle_days" calc:"optional"`
	Target     *float64 `json:"target" calc:"optional"`
}

type amplificationInput struct {
	Seeds   float64 `json:"seeds"`
	K       float64 `json:"k"`
	CPASeed float64 `json:"cpa_seed"`
}

type graphInput struct {
	Edges    [][2]*string `json:"edges"`
	Complete []string     `json:"complete" calc:"optional"`
}

type offspringInput struct {
	Offspring  []int64   `json:"offspring"`
	AgeDays    []float64 `json:"age_days"`
	WindowDays float64   `json:"window_days"`
	TopShare   *float64  `json:"top_share" calc:"optional"`
}

func viralMethods() []Method {
	return []Method{
		method("viral.k_factor", "Waves of a programme from invites per user and their conversion.",
			[]string{"k", "new_users", "cumulative", "days", "waves_to_target", "reason"}, kFactor),
		method("viral.amplification", "What referrals add to the seeds in the end, and to the cost of one.",
			[]string{"total", "amplification", "effective_cpa", "reason"}, func(in amplificationInput) (any, error) {
				total, factor, cpa, ok, err := cohorts.Amplification(in.Seeds, in.K, in.CPASeed)
				if err != nil {
					return nil, err
				}
				if !ok {
					return map[string]any{"total": nil, "amplification": nil, "effective_cpa": nil, "reason": "supercritical"}, nil
				}
				return map[string]any{"total": total, "amplification": factor, "effective_cpa": cpa, "reason": nil}, nil
			}),
		method("viral.graph", "Shape of the forest that referrals form.",
			[]string{"users", "roots", "max_depth", "generation_sizes", "largest_tree", "mean_offspring", "mean_offspring_complete", "reason"}, graph),
		method("viral.offspring", "How many users each user referred, over users whose window is closed.",
			[]string{"k", "users", "variance", "dispersion", "top_share", "reason"}, func(in offspringInput) (any, error) {
				top := 0.01
				if in.TopShare != nil {
					top = *in.TopShare
				}
				o, err := cohorts.OffspringOf(in.Offspring, in.AgeDays, in.WindowDays, top)
				if err != nil {
					return nil, err
				}
				return map[string]any{
					"k": o.K, "users": o.Users, "variance": o.Variance, "dispersion": o.Dispersion, "top_share": o.TopShare, "reason": orNull(o.Reason),
				}, nil
			}),
	}
}

func kFactor(in kFactorInput) (any, error) {
	target := 0.0
	if in.Target != nil {
		if target = *in.Target; !(target > 0) {
			return nil, Invalid("target: %v is not above 0", target)
		}
	}
	w, err := cohorts.KFactor(in.Seeds, in.Invites, in.Conversion, in.Waves, target)
	if err != nil {
		return nil, err
	}
	out := map[string]any{
		"k": w.K, "new_users": w.NewUsers, "cumulative": w.Cumulative, "waves_to_target": w.ToTarget, "reason": orNull(w.Reason),
	}
	if in.CycleDays != nil {
		if *in.CycleDays < 0 {
			return nil, Invalid("cycle_days: %v is negative", *in.CycleDays)
		}
		days := make([]float64, len(w.NewUsers))
		for i := range days {
			days[i] = float64(i) * *in.CycleDays
		}
		out["days"] = days
	}
	return out, nil
}

func graph(in graphInput) (any, error) {
	edges := make([]cohorts.Edge, len(in.Edges))
	for i, e := range in.Edges {
		if e[1] == nil {
			return nil, Invalid("edges[%d]: the user is null", i)
		}
		edges[i] = cohorts.Edge{Referrer: e[0], User: *e[1]}
	}
	f, err := cohorts.ForestOf(edges, in.Complete)
	if err != nil {
		return nil, err
	}
	out := map[string]any{
		"users": f.Users, "roots": f.Roots, "max_depth": f.MaxDepth, "generation_sizes": f.Generations,
		"largest_tree": f.LargestTree, "mean_offspring": f.MeanOffspring, "reason": nil,
	}
	if in.Complete != nil {
		out["mean_offspring_complete"] = f.MeanComplete
		if f.MeanComplete == nil {
			out["reason"] = "no_complete_users"
		}
	}
	return out, nil
}
