package cohorts

import (
	"fmt"
	"math"
	"slices"

	"vouch/referral"
)

// Waves is how a referral programme spreads generation by generation.
type Waves struct {
	K          float64
	NewUsers   []float64 // by generation, the seeds first
	Cumulative []float64
	// ToTarget is the generation, fractions included, at which the sum reaches the target; nil with
	// Reason never_reached if it never does, or without one if no target was given.
	ToTarget *float64
	Reason   string
}

// reasonNeverReached says that a programme below K = 1 dies out before the target.
const reasonNeverReached = "never_reached"

// KFactor returns the waves of a programme in which each user sends the same number of invites once
// and each invite converts with the same probability.
//
//	K = invites · conversion,   new_g = seeds · K^g,   Σ = seeds (K^(g+1) − 1)/(K − 1)
//
// Invites are sent by the newest generation only; older users do not invite again. target 0 means
// none. Units: persons. Negative or infinite arguments and a conversion above 1 wrap ErrInput.
// Checked against: geratools' viral coefficient calculator, in viral_test.go.
func KFactor(seeds, invites, conversion float64, waves int, target float64) (Waves, error) {
	for _, x := range []float64{seeds, invites, conversion, target} {
		if !(x >= 0) || math.IsInf(x, 0) {
			return Waves{}, fmt.Errorf("%w: seeds, invites, conversion and target must not be negative", ErrInput)
		}
	}
	if conversion > 1 || waves < 0 || waves > maxWaves {
		return Waves{}, fmt.Errorf("%w: conversion must lie in [0,1] and waves in [0,%d]", ErrInput, maxWaves)
	}
	out := Waves{K: invites * conversion}
	sum, next := 0.0, seeds
	for range waves + 1 {
		sum += next
		out.NewUsers, out.Cumulative = append(out.NewUsers, next), append(out.Cumulative, sum)
		next *= out.K
	}
	if target > 0 {
		if out.ToTarget = wavesTo(seeds, out.K, target); out.ToTarget == nil {
			out.Reason = reasonNeverReached
		}
	}
	return out, nil
}

// maxWaves bounds a table of generations.
const maxWaves = 100_000

// wavesTo solves seeds (K^(g+1) − 1)/(K − 1) = target for g.
func wavesTo(seeds, k, target float64) *float64 {
	ratio := target / seeds
	switch {
	case seeds == 0:
		return nil
	case ratio <= 1:
		return referral.Float(0)
	case k == 1:
		return referral.Float(ratio - 1)
	case k <= 0 || ratio*(k-1)+1 <= 0:
		return nil // a shrinking series adds up to less
	}
	return referral.Float(math.Log1p(ratio*(k-1))/math.Log(k) - 1)
}

// Amplification is what the referrals of seeds add to them in the end: total = seeds/(1−K), each seed
// becomes 1/(1−K) users, and a user costs (1−K) times what a seed cost. With K ≥ 1 the series has no
// sum and ok is false.
func Amplification(seeds, k, cpaSeed float64) (total, factor, cpa float64, ok bool, err error) {
	if !(seeds >= 0 && k >= 0 && cpaSeed >= 0) || math.IsInf(seeds+k+cpaSeed, 0) {
		return 0, 0, 0, false, fmt.Errorf("%w: seeds, K and cost must not be negative", ErrInput)
	}
	if k >= 1 {
		return 0, 0, 0, false, nil
	}
	return seeds / (1 - k), 1 / (1 - k), cpaSeed * (1 - k), true, nil
}

// Edge says who referred a user; Referrer nil for a root.
type Edge struct {
	Referrer *string
	User     string
}

// Forest is the shape of a referral graph.
type Forest struct {
	Users, Roots, MaxDepth int
	Generations            []int // users by depth
	LargestTree            int
	MeanOffspring          float64 // referred users per user
	MeanComplete           *float64
	CompleteUsers          int
}

// ForestOf returns the shape of the forest that first-touch referrals form. Every user is listed
// once; complete names users whose referral window is over, for a mean that fresh users do not pull
// down. A user listed twice, a referrer who is not a user, a self-referral or a cycle wraps ErrInput.
// It takes time and memory in proportion to the edges and no recursion, so a chain of any length is
// fine.
func ForestOf(edges []Edge, complete []string) (Forest, error) {
	parent := make(map[string]string, len(edges))
	children := map[string][]string{}
	var roots []string
	for _, e := range edges {
		if _, twice := parent[e.User]; twice {
			return Forest{}, fmt.Errorf("%w: user %q is listed twice", ErrInput, e.User)
		}
		if e.Referrer == nil {
			parent[e.User] = ""
			roots = append(roots, e.User)
			continue
		}
		if *e.Referrer == e.User {
			return Forest{}, fmt.Errorf("%w: user %q referred himself", ErrInput, e.User)
		}
		parent[e.User] = *e.Referrer
		children[*e.Referrer] = append(children[*e.Referrer], e.User)
	}
	for _, e := range edges {
		if e.Referrer != nil {
			if _, known := parent[*e.Referrer]; !known {
				return Forest{}, fmt.Errorf("%w: referrer %q is not a user", ErrInput, *e.Referrer)
			}
		}
	}
	out := Forest{Users: len(edges), Roots: len(roots)}
	if out.Users == 0 {
		return out, fmt.Errorf("%w: no user", ErrInput)
	}
	seen := out.walk(roots, children)
	if seen != out.Users {
		return Forest{}, fmt.Errorf("%w: %d users refer each other in a cycle", ErrInput, out.Users-seen)
	}
	out.MeanOffspring = float64(out.Users-out.Roots) / float64(out.Users)
	return out, out.completeMean(complete, parent, children)
}

// walk visits every tree by generations and returns the number of users reached.
func (f *Forest) walk(roots []string, children map[string][]string) int {
	seen := 0
	for _, root := range roots {
		size := 0
		for depth, level := 0, []string{root}; len(level) > 0; depth++ {
			if depth == len(f.Generations) {
				f.Generations = append(f.Generations, 0)
			}
			f.Generations[depth] += len(level)
			f.MaxDepth = max(f.MaxDepth, depth)
			size += len(level)
			var next []string
			for _, u := range level {
				next = append(next, children[u]...)
			}
			level = next
		}
		f.LargestTree = max(f.LargestTree, size)
		seen += size
	}
	return seen
}

func (f *Forest) completeMean(complete []string, parent map[string]string, children map[string][]string) error {
	referred, listed := 0, map[string]bool{}
	for _, u := range complete {
		if _, known := parent[u]; !known {
			return fmt.Errorf("%w: complete user %q is not a user", ErrInput, u)
		}
		if listed[u] {
			return fmt.Errorf("%w: complete user %q is listed twice", ErrInput, u)
		}
		listed[u] = true
		referred += len(children[u])
	}
	f.CompleteUsers = len(complete)
	if f.CompleteUsers > 0 {
		f.MeanComplete = referral.Float(float64(referred) / float64(f.CompleteUsers))
	}
	return nil
}

// Offspring summarises how many users each complete user referred.
type Offspring struct {
	Users      int
	K          *float64 // mean
	Variance   *float64 // divisor n−1
	Dispersion *float64 // k²/(variance − k): the negative binomial's size; nil if not overdispersed
	TopShare   *float64 // share of referrals by the top users
	Reason     string
}

// OffspringOf summarises users whose age is at least the window; younger ones may still refer. top is
// the share of users counted as the top, rounded up to a whole user. Errors wrap ErrInput.
func OffspringOf(counts []int64, ageDays []float64, windowDays, top float64) (Offspring, error) {
	if len(counts) != len(ageDays) || !(top > 0 && top <= 1) || !(windowDays >= 0) {
		return Offspring{}, fmt.Errorf("%w: counts and ages must be of equal number, top_share in (0,1], the window not negative", ErrInput)
	}
	var kept []float64
	total := 0.0
	for i, c := range counts {
		if c < 0 || !(ageDays[i] >= 0) {
			return Offspring{}, fmt.Errorf("%w: user %d has %d referrals at age %v", ErrInput, i, c, ageDays[i])
		}
		if ageDays[i] >= windowDays {
			kept = append(kept, float64(c))
			total += float64(c)
		}
	}
	out := Offspring{Users: len(kept)}
	n := float64(len(kept))
	if len(kept) == 0 {
		out.Reason = "no_complete_users"
		return out, nil
	}
	k := total / n
	out.K = &k
	if len(kept) > 1 {
		ss := 0.0
		for _, x := range kept {
			ss += (x - k) * (x - k)
		}
		v := ss / (n - 1)
		out.Variance = &v
		if v > k {
			out.Dispersion = referral.Float(k * k / (v - k))
		}
	}
	if total > 0 {
		slices.SortFunc(kept, func(a, b float64) int { return int(b - a) })
		best := 0.0
		for _, x := range kept[:int(math.Ceil(top*n-1e-9))] {
			best += x
		}
		out.TopShare = referral.Float(best / total)
	}
	return out, nil
}
