package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"vouch/internal/stats"
)

// powerPlan is the answer of `vouch power`.
type powerPlan struct {
	Baseline     float64 `json:"baseline"`
	Treatment    float64 `json:"treatment"`
	Power        float64 `json:"power"`
	Confidence   float64 `json:"confidence"`
	DesignEffect float64 `json:"design_effect"`
	Units        int64   `json:"units_per_arm"`
	Clusters     int64   `json:"clusters_per_arm,omitempty"`
	Days         int64   `json:"days,omitempty"`
}

func (a *app) powerCommand() *cobra.Command {
	var base, lift, power, conf, icc, size, perDay float64
	c := &cobra.Command{
		Use: "power", Short: "How many units does an experiment need, and how long will it take?", Args: exactly(0),
		Long: `power plans a comparison of two rates with equal arms: the two-sided normal test with unpooled variance.

  vouch power --baseline 0.10 --lift 0.15
  vouch power --baseline 0.10 --lift 0.15 --cluster-size 3 --icc 0.05 --per-day 40

With --cluster-size the outcomes of one referrer resemble each other (--icc) and referrers are randomised: the sample grows by
the design effect 1 + (m − 1)·icc.`,
		RunE: func(*cobra.Command, []string) error {
			if !(base > 0 && base < 1) {
				return usageError{errors.New("--baseline is the rate of the control, between 0 and 1")}
			}
			treat := base * (1 + lift)
			if lift == 0 || !(treat > 0 && treat < 1) {
				return usageError{fmt.Errorf("--lift %g: the rate of the treatment would be %g; it must differ and lie between 0 and 1", lift, treat)}
			}
			if size < 1 || icc < 0 || icc > 1 {
				return usageError{errors.New("--cluster-size is at least 1 and --icc between 0 and 1")}
			}
			d := stats.MeanDesign{VarianceControl: base * (1 - base), VarianceTreatment: treat * (1 - treat), Level: conf, Normal: true}
			n, err := d.SampleSize(treat-base, power, 1)
			if err != nil {
				return usageError{err}
			}
			if n.Control == nil {
				return fmt.Errorf("no number of units is enough: %s", n.Reason)
			}
			p := powerPlan{Baseline: base, Treatment: treat, Power: power, Confidence: conf, DesignEffect: 1 + (size-1)*icc}
			p.Units = int64(math.Ceil(*n.Control * p.DesignEffect))
			if size > 1 {
				p.Clusters = int64(math.Ceil(*n.Control * p.DesignEffect / size))
			}
			if perDay > 0 {
				p.Days = int64(math.Ceil(2 * float64(p.Units) / perDay))
			}
			return a.print(powerAnswer(p))
		},
	}
	f := c.Flags()
	f.Float64Var(&base, "baseline", 0, "rate of the control, e.g. 0.10")
	f.Float64Var(&lift, "lift", 0, "relative lift to find, e.g. 0.15")
	f.Float64Var(&power, "power", 0.8, "probability of finding it")
	f.Float64Var(&conf, "confidence", 0.95, "confidence of the test")
	f.Float64Var(&size, "cluster-size", 1, "mean number of persons one referrer brings")
	f.Float64Var(&icc, "icc", 0, "intra-cluster correlation of their outcomes")
	f.Float64Var(&perDay, "per-day", 0, "units that arrive each day, for the duration")
	return c
}

func powerAnswer(p powerPlan) answer {
	t := newTable("", 1, "plan", "value")
	t.add("rates", fmt.Sprintf("%.4g against %.4g", p.Baseline, p.Treatment))
	t.add("power at confidence", fmt.Sprintf("%g at %g", p.Power, p.Confidence))
	t.add("design effect", strconv.FormatFloat(p.DesignEffect, 'g', 4, 64))
	t.add("units per arm", thousands(p.Units))
	if p.Clusters > 0 {
		t.add("referrers per arm", thousands(p.Clusters))
	}
	if p.Days > 0 {
		t.add("days", thousands(p.Days))
	}
	return answer{schema: "vouch.power/1", result: p, tables: []table{t}}
}
