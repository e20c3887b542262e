package config

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"vouch/referral"
)

// guard is a limit that makes a run end with its own exit code when the numbers break it.
type guard struct {
	doc   string
	check func(*big.Rat) string // "" if the value is allowed, else what is wrong
}

// guards are the limits a project may declare, by key:
//
//	cpa_ceiling  the run fails when the programme's cost per acquisition, in minor units of the
//	             project's currency, is above it; a whole number above 0
//	roi_floor    the run fails when the programme's return on its cost is below it; 0 is break-even,
//	             0.5 a gain of half the cost, not below −1
//	srm          the run fails when an experiment's test for a sample-ratio mismatch gives a p-value
//	             below it; between 0 and 1, both excluded
//
// A guard whose number is unknown (no acquisitions, no cost, no exposures) fails as well: a guard that
// cannot be checked guards nothing.
var guards = map[string]guard{
	"cpa_ceiling": {
		"Highest cost per acquisition of the programme, in minor units of the project's currency.",
		func(r *big.Rat) string {
			if r.Sign() <= 0 || !r.IsInt() {
				return "must be a whole number of minor units above 0"
			}
			return ""
		},
	},
	"roi_floor": {
		"Lowest return on cost of the programme; 0 is break-even.",
		func(r *big.Rat) string {
			if r.Cmp(big.NewRat(-1, 1)) < 0 {
				return "must be -1 (all of the cost lost) or more"
			}
			return ""
		},
	},
	"srm": {
		"Lowest p-value of an experiment's sample-ratio test, between 0 and 1.",
		func(r *big.Rat) string {
			if r.Sign() <= 0 || r.Cmp(big.NewRat(1, 1)) >= 0 {
				return "must lie between 0 and 1"
			}
			return ""
		},
	},
}

// guards checks the declared limits.
func (l *loader) guards() {
	known := slices.Sorted(maps.Keys(guards))
	for _, name := range slices.Sorted(maps.Keys(l.cfg.Guards)) {
		path := "guards." + name
		g, ok := guards[name]
		if !ok {
			hint := "known guards: " + strings.Join(known, ", ")
			if near := referral.Suggest(name, known); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			l.problem(path, hint, "unknown guard %q", name)
			continue
		}
		text := string(l.cfg.Guards[name])
		r, ok := new(big.Rat).SetString(text)
		if !ok || strings.ContainsAny(text, "eE") {
			l.problem(path, "write it in decimal digits", "%q is not a plain number", text)
			continue
		}
		if bad := g.check(r); bad != "" {
			l.problem(path, "", "%s %s", text, bad)
		}
	}
}
