package calc

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// meanPlan are the inputs that plans for means share.
type meanPlan struct {
	Variance          *float64 `json:"variance" calc:"optional"`
	VarianceControl   *float64 `json:"variance_control" calc:"optional"`
	VarianceTreatment *float64 `json:"variance_treatment" calc:"optional"`
	Distribution      string   `json:"distribution" calc:"optional"`
	options
}

func (p meanPlan) design() (stats.MeanDesign, error) {
	d := stats.MeanDesign{Level: p.level.level(), Alternative: p.alternative()}
	switch {
	case p.Variance != nil && p.VarianceControl == nil && p.VarianceTreatment == nil:
		d.VarianceControl, d.VarianceTreatment = *p.Variance, *p.Variance
	case p.Variance == nil && p.VarianceControl != nil && p.VarianceTreatment != nil:
		d.VarianceControl, d.VarianceTreatment = *p.VarianceControl, *p.VarianceTreatment
	default:
		return d, Invalid("give variance, or variance_control and variance_treatment")
	}
	switch p.Distribution {
	case "", "t":
	case "normal":
		d.Normal = true
	default:
		return d, Invalid("distribution %q is not t or normal", p.Distribution)
	}
	return d, nil
}

// noVariance is why a plan has no answer.
func (p meanPlan) noVariance() string {
	for _, v := range []*float64{p.Variance, p.VarianceControl, p.VarianceTreatment} {
		if v != nil && *v > 0 {
			return referral.ReasonNoData
		}
	}
	return referral.ReasonZeroVariance
}

type powerResult struct {
	Power  *float64 `json:"power"`
	Reason string   `json:"reason,omitempty"`
}

func whole64(p *float64) *float64 {
	if p == nil {
		return nil
	}
	return known(math.Ceil(*p - 1e-9*math.Max(1, *p)))
}

// powerMethods plan experiments.
func powerMethods() []Method {
	return append(meanPlans(), append(sharePlans(), clusterPlans()...)...)
}

func meanPlans() []Method {
	type power struct {
		meanPlan
		Effect     float64 `json:"effect"`
		NControl   float64 `json:"n_control"`
		NTreatment float64 `json:"n_treatment"`
	}
	type size struct {
		meanPlan
		Effect     float64 `json:"effect"`
		Power      float64 `json:"power"`
		Allocation number  `json:"allocation" calc:"optional"`
	}
	type mde struct {
		meanPlan
		NControl   float64 `json:"n_control"`
		NTreatment float64 `json:"n_treatment"`
		Power      float64 `json:"power"`
	}
	type sizes struct {
		NControl       *float64 `json:"n_control"`
		NTreatment     *float64 `json:"n_treatment"`
		NControlCeil   *float64 `json:"n_control_ceil"`
		NTreatmentCeil *float64 `json:"n_treatment_ceil"`
		Reason         string   `json:"reason,omitempty"`
	}
	return []Method{
		method("power.mean", "Power of a comparison of two means.", []string{"power", "reason"}, func(q power) (any, error) {
			d, err := q.design()
			if err != nil {
				return nil, err
			}
			p, err := d.Power(q.Effect, q.NControl, q.NTreatment)
			out := powerResult{Power: p}
			if p == nil {
				out.Reason = q.noVariance()
			}
			return out, err
		}),
		method("power.mean.sample_size", "Units per arm for a comparison of two means.", []string{"n_control", "n_treatment", "n_control_ceil", "n_treatment_ceil", "reason"}, func(q size) (any, error) {
			d, err := q.design()
			if err != nil {
				return nil, err
			}
			n, err := d.SampleSize(q.Effect, q.Power, q.Allocation.or(1))
			return sizes{n.Control, n.Treatment, whole64(n.Control), whole64(n.Treatment), n.Reason}, err
		}),
		method("power.mean.mde", "Smallest effect on a mean that is found with the power asked for.", []string{"mde", "reason"}, func(q mde) (any, error) {
			d, err := q.design()
			if err != nil {
				return nil, err
			}
			m, err := d.MDE(q.NControl, q.NTreatment, q.Power)
			out := struct {
				MDE    *float64 `json:"mde"`
				Reason string   `json:"reason,omitempty"`
			}{MDE: m}
			if m == nil {
				out.Reason = q.noVariance()
			}
			return out, err
		}),
	}
}

type sharePlan struct {
	PControl   float64 `json:"p_control"`
	PTreatment float64 `json:"p_treatment"`
	options
}

func sharePlans() []Method {
	type power struct {
		sharePlan
		NPerArm float64 `json:"n_per_arm"`
	}
	type size struct {
		sharePlan
		Power float64 `json:"power"`
	}
	sample := func(unpooled bool) func(size) (any, error) {
		return func(q size) (any, error) {
			return stats.ShareSampleSize(q.PControl, q.PTreatment, q.Power, q.level.level(), q.alternative(), unpooled)
		}
	}
	fields := []string{"n_per_arm", "n_per_arm_ceil", "reason"}
	return []Method{
		method("power.proportion", "Power of a comparison of two shares; the far tail is not counted.", []string{"power", "reason"}, func(q power) (any, error) {
			p, err := stats.SharePower(q.PControl, q.PTreatment, q.NPerArm, q.level.level(), q.alternative())
			out := powerResult{Power: p}
			if p == nil {
				out.Reason = referral.ReasonZeroVariance
			}
			return out, err
		}),
		method("power.proportion.sample_size", "Units per arm for a comparison of two shares.", fields, sample(false)),
		method("power.proportion.sample_size.unpooled", "Units per arm for a comparison of two shares with the unpooled variance.", fields, sample(true)),
	}
}

func clusterPlans() []Method {
	type cluster struct {
		MeanClusterSize float64 `json:"mean_cluster_size"`
		CV              number  `json:"cv" calc:"optional"`
		ICC             float64 `json:"icc"`
	}
	type clusterSize struct {
		cluster
		NPerArm float64 `json:"n_per_arm"`
	}
	type guardrails struct {
		SuccessMetrics   int64   `json:"success_metrics"`
		GuardrailMetrics int64   `json:"guardrail_metrics"`
		Power            float64 `json:"power"`
	}
	type midway struct {
		meanArms
		level
		TargetLift float64 `json:"target_lift"`
		Power      float64 `json:"power"`
		TuningN    number  `json:"tuning_n" calc:"optional"`
	}
	type clusters struct {
		DesignEffect       float64  `json:"design_effect"`
		NPerArm            *float64 `json:"n_per_arm"`
		ClustersPerArm     *float64 `json:"clusters_per_arm"`
		ClustersPerArmCeil *float64 `json:"clusters_per_arm_ceil"`
	}
	return []Method{
		method("power.cluster.design_effect", "By how much clustering multiplies the variance.", []string{"design_effect"}, func(q cluster) (any, error) {
			d, err := stats.DesignEffect(q.MeanClusterSize, q.CV.or(0), q.ICC)
			return struct {
				DesignEffect float64 `json:"design_effect"`
			}{d}, err
		}),
		method("power.cluster.sample_size", "Units and clusters per arm for clustered outcomes.", []string{"design_effect", "n_per_arm", "clusters_per_arm", "clusters_per_arm_ceil"}, func(q clusterSize) (any, error) {
			d, err := stats.DesignEffect(q.MeanClusterSize, q.CV.or(0), q.ICC)
			if err != nil {
				return nil, err
			}
			if !(q.NPerArm > 0) {
				return nil, Invalid("n_per_arm is %g, not positive", q.NPerArm)
			}
			n := q.NPerArm * d
			k := n / q.MeanClusterSize
			return clusters{d, known(n), known(k), whole64(known(k))}, nil
		}),
		method("power.guardrail_correction", "Power each metric needs when several must hold at once.", []string{"adjusted_power"}, func(q guardrails) (any, error) {
			p, err := stats.GuardrailPower(q.SuccessMetrics, q.GuardrailMetrics, q.Power)
			return struct {
				AdjustedPower float64 `json:"adjusted_power"`
			}{p}, err
		}),
		method("power.mid_experiment", "Share of further units an experiment under way needs.", []string{"extra_sample_factor", "reason"}, func(q midway) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			if q.TuningN.set && !(q.TuningN.v > 0) {
				return nil, Invalid("tuning_n is %g, not positive", q.TuningN.v)
			}
			return stats.MidExperiment(c, t, q.TargetLift, q.Power, q.level.level(), q.TuningN.or(0))
		}),
	}
}
