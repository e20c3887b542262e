package validate

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// claim is one thing that a method promises about a rate: how often a test rejects, how often an interval holds the
// truth. It is either counted over seeded draws or added up exactly from probabilities.
type claim struct {
	what string
	rate float64 // as promised
	// below and above widen what is tolerated beside chance, for methods that promise only one side or are
	// approximations whose error at these sizes is known.
	below, above float64
	share        float64 // of the usual number of draws, for expensive ones; 0 means 1
	draw         func(r *rand.Rand) (bool, error)
	exact        func() (float64, error) // instead of draws
}

// Sides on which a promise is no promise.
const free = 1.0

// finding is a claim with what was found.
type finding struct {
	claim
	n          int // draws; 0 if exact
	found      float64
	low, high  float64 // tolerated
	unexpected error
}

// deviations is how many standard errors of chance are tolerated: three in the record, four with the few draws of a
// test, where a hundred claims must all hold. Seeds are fixed, so every run sees the same draws.
func deviations() float64 {
	if *write {
		return 3
	}
	return 4
}

// examine looks at the claims, on all processors; every claim draws from a generator of its own, so that the
// result depends on nothing but its name and the number of draws.
func examine(claims []claim, draws int) []finding {
	out := make([]finding, len(claims))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, c := range claims {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out[i] = c.examine(draws)
		})
	}
	wg.Wait()
	return out
}

func (c claim) examine(draws int) finding {
	if c.exact != nil {
		found, err := c.exact()
		f := c.judge(0, 0)
		f.found, f.unexpected = found, err
		return f
	}
	if c.share > 0 {
		draws = max(20, int(float64(draws)*c.share))
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.what))
	r := rand.New(rand.NewPCG(h.Sum64(), 20261121))
	yes := 0
	for range draws {
		ok, err := c.draw(r)
		if err != nil {
			return finding{claim: c, unexpected: err}
		}
		if ok {
			yes++
		}
	}
	return c.judge(yes, draws)
}

// judge says what is tolerated of n draws; n = 0 is an exact figure.
func (c claim) judge(yes, n int) finding {
	const rounding = 1e-9
	f := finding{claim: c, n: n}
	chance := rounding
	if n > 0 {
		f.found = float64(yes) / float64(n)
		chance += deviations() * math.Sqrt(c.rate*(1-c.rate)/float64(n))
	}
	f.low, f.high = math.Max(0, c.rate-c.below-chance), math.Min(1, c.rate+c.above+chance)
	return f
}

// ok reports whether the claim holds.
func (f finding) ok() bool { return f.unexpected == nil && f.found >= f.low && f.found <= f.high }

// check reports the claims that do not hold.
func check(t *testing.T, fs []finding) {
	t.Helper()
	for _, f := range fs {
		switch {
		case f.unexpected != nil:
			t.Errorf("%s: %v", f.what, f.unexpected)
		case !f.ok():
			t.Errorf("%s: %.2f %% of %d, tolerated %.2f to %.2f", f.what, 100*f.found, f.n, 100*f.low, 100*f.high)
		}
	}
}

// claimTable writes findings as a Markdown table.
func claimTable(fs []finding) string {
	var b strings.Builder
	b.WriteString("| method and data | draws | promised | found | tolerated |\n|---|---:|---:|---:|---|\n")
	for _, f := range fs {
		n := "exact"
		if f.n > 0 {
			n = fmt.Sprint(f.n)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s to %s |\n", f.what, n, f.promise(), percent(f.found), percent(f.low), percent(f.high))
	}
	return b.String()
}

// promise is the rate, and which side of it is promised.
func (c claim) promise() string {
	switch {
	case c.below >= free:
		return "at most " + percent(c.rate)
	case c.above >= free:
		return "at least " + percent(c.rate)
	}
	return percent(c.rate)
}

// percent writes a share with two decimals at most.
func percent(x float64) string {
	s := fmt.Sprintf("%.2f", 100*x)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + " %"
}

// A claim that is wrong is found out, and one that is right is not.
func TestClaim_findsWrongOnes(t *testing.T) {
	yes := func(p float64) func(r *rand.Rand) (bool, error) {
		return func(r *rand.Rand) (bool, error) { return r.Float64() < p, nil }
	}
	for _, x := range []struct {
		claim
		ok bool
	}{
		{claim{what: "a", rate: 0.05, draw: yes(0.05)}, true},
		{claim{what: "b", rate: 0.05, draw: yes(0.08)}, false},
		{claim{what: "c", rate: 0.05, draw: yes(0.02)}, false},
		{claim{what: "d", rate: 0.05, below: free, draw: yes(0.02)}, true}, // promised at most
		{claim{what: "e", rate: 0.05, above: 0.05, draw: yes(0.08)}, true}, // known to be rough
		{claim{what: "f", rate: 0.95, exact: func() (float64, error) { return 0.9499, nil }}, false},
		{claim{what: "g", rate: 0.95, above: free, exact: func() (float64, error) { return 0.97, nil }}, true},
	} {
		if f := x.examine(10_000); f.ok() != x.ok {
			t.Errorf("%s: found %v of %v to %v", x.what, f.found, f.low, f.high)
		}
	}
	if got := claimTable([]finding{{claim: claim{what: "x", rate: 0.05, below: free}, n: 10, found: 0.1, high: 0.256}}); !strings.HasSuffix(got, "| x | 10 | at most 5 % | 10 % | 0 % to 25.6 % |\n") {
		t.Errorf("%s", got)
	}
}
