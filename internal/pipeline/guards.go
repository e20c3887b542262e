package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"

	"vouch/reports"
)

// CheckGuards compares a run with the guards of the configuration and returns every breach.
//
//	cpa_ceiling   programme cost per customer above this many minor units
//	roi_floor     programme return on cost below this fraction
//	srm           sample-ratio p-value of any experiment below this
//
// A guard whose figure is unknown is a breach as well: a guard that cannot be checked guards
// nothing.
func CheckGuards(guards map[string]json.Number, b *reports.Bundle) error {
	var keys []string
	for k := range guards {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var errs []error
	for _, k := range keys {
		limit, err := strconv.ParseFloat(guards[k].String(), 64)
		if err != nil {
			return fmt.Errorf("guard %s: %w", k, err)
		}
		errs = append(errs, checkGuard(k, limit, b)...)
	}
	return errors.Join(errs...)
}

func checkGuard(name string, limit float64, b *reports.Bundle) []error {
	breach := func(format string, args ...any) []error {
		return []error{fmt.Errorf("guard %s failed: "+format, append([]any{name}, args...)...)}
	}
	switch name {
	case "cpa_ceiling":
		v := b.Partners.Headline().CPA.Value
		if v == nil {
			return breach("cost per customer is unknown (%s)", b.Partners.Headline().CPA.Reason)
		}
		if *v > limit {
			return breach("cost per customer is %.0f minor units, the ceiling %.0f", *v, limit)
		}
	case "roi_floor":
		v := b.Partners.Headline().ROI.Value
		if v == nil {
			return breach("return on cost is unknown (%s)", b.Partners.Headline().ROI.Reason)
		}
		if *v < limit {
			return breach("return on cost is %.4f, the floor %.4f", *v, limit)
		}
	case "srm":
		if len(b.Experiments) == 0 {
			return breach("there is no experiment to check")
		}
		var errs []error
		for _, e := range b.Experiments {
			if e.SRM.PValue == nil {
				errs = append(errs, breach("experiment %s has no sample-ratio test (%s)", e.Name, e.SRM.Reason)...)
			} else if *e.SRM.PValue < limit {
				errs = append(errs, breach("experiment %s has a sample-ratio p-value of %.3g, the floor is %g", e.Name, *e.SRM.PValue, limit)...)
			}
		}
		return errs
	default:
		return breach("there is no guard of that name")
	}
	return nil
}
