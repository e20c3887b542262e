package attribution

import (
	"cmp"
	"math/big"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/internal/engine"
	"vouch/referral"
)

// row is one event as the statement journeys returns it: event 0 touches, 1 converts, 2 does both.
type row struct{ person, event, key, at, value int64 }

const noKey = -1

func drawRows(t *rapid.T) []row {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) row {
		return row{
			person: rapid.Int64Range(0, 2).Draw(t, "person"), event: rapid.Int64Range(0, 2).Draw(t, "event"),
			key: rapid.Int64Range(noKey, 2).Draw(t, "key"), at: rapid.Int64Range(0, 12).Draw(t, "at"),
			value: rapid.Int64Range(-100, 100).Draw(t, "value"),
		}
	}), 0, 25).Draw(t, "rows")
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.at, b.at)) })
	return rows
}

func batchOf(rows []row) *engine.Batch {
	b := &engine.Batch{Len: len(rows), Columns: make([]engine.Column, 5)}
	for _, r := range rows {
		b.Columns[0].I32 = append(b.Columns[0].I32, int32(r.person))
		b.Columns[1].U8 = append(b.Columns[1].U8, uint8(r.event))
		b.Columns[2].I16 = append(b.Columns[2].I16, int16(r.key))
		b.Columns[2].Valid = append(b.Columns[2].Valid, r.key != noKey)
		b.Columns[3].I64 = append(b.Columns[3].I64, r.at)
		b.Columns[4].I64 = append(b.Columns[4].I64, r.value)
	}
	return b
}

// oracle credits one model by looking at every pair of rows.
func oracle(rows []row, window int64, model string) (micro, minor []int64) {
	micro, minor = make([]int64, 4), make([]int64, 4)
	for _, c := range rows {
		if c.event == 0 {
			continue
		}
		var path []int64
		for _, r := range rows {
			if r.person == c.person && r.event != 1 && r.key != noKey && r.at <= c.at && (window == 0 || r.at >= c.at-window) {
				path = append(path, r.key)
			}
		}
		if len(path) == 0 {
			micro[3] += 1_000_000
			minor[3] += c.value
			continue
		}
		weights := make([]*big.Rat, 3)
		for k := range weights {
			weights[k] = new(big.Rat)
		}
		give := func(i int, w *big.Rat) { weights[path[i]].Add(weights[path[i]], w) }
		n := len(path)
		for i := range path {
			switch {
			case model == "first" && i == 0, model == "last" && i == n-1, model == "linear":
				give(i, big.NewRat(1, 1))
			case model == "shapley":
				weights[path[i]].SetInt64(1)
			case model == "position" && n <= 2:
				give(i, big.NewRat(1, 1))
			case model == "position" && (i == 0 || i == n-1):
				give(i, big.NewRat(4, 10))
			case model == "position":
				give(i, new(big.Rat).Quo(big.NewRat(2, 10), big.NewRat(int64(n-2), 1)))
			}
		}
		for k, part := range referral.AllocateRat(1_000_000, weights) {
			micro[k] += part
		}
		for k, part := range referral.AllocateRat(c.value, weights) {
			minor[k] += part
		}
	}
	return micro, minor
}

// The kernel gives what comparing every touch with every conversion gives, wherever the batches are
// cut, and its credits add up.
func TestKernel_againstAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		window := rapid.Int64Range(0, 6).Draw(t, "window")
		p := &plan{
			models: Models(), keys: []string{"a", "b", "c"}, byCode: map[int64]int{0: 0, 1: 1, 2: 2},
			touch: map[int64]bool{0: true, 2: true}, convert: map[int64]bool{1: true, 2: true}, window: window,
		}
		k := newKernel(p)
		for rest := rows; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			if err := k.Batch(batchOf(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		var conversions, value int64
		for _, r := range rows {
			if r.event != 0 {
				conversions++
				value += r.value
			}
		}
		if k.tally.conversions != conversions || k.tally.value != value {
			t.Fatalf("%d conversions worth %d, want %d worth %d", k.tally.conversions, k.tally.value, conversions, value)
		}
		for m, model := range p.models {
			micro, minor := oracle(rows, window, model)
			if diff := gocmp.Diff([][]int64{micro, minor}, [][]int64{k.tally.micro[m], k.tally.minor[m]}); diff != "" {
				t.Fatalf("%s (-oracle +kernel):\n%s", model, diff)
			}
			if got := total(k.tally.micro[m]); got != conversions*referral.MicroScale {
				t.Fatalf("%s: credits add up to %d millionths of %d conversions", model, got, conversions)
			}
			if got := total(k.tally.minor[m]); got != value {
				t.Fatalf("%s: money adds up to %d of %d", model, got, value)
			}
		}
	})
}

func total(xs []int64) int64 {
	var s int64
	for _, x := range xs {
		s += x
	}
	return s
}

// A path that is remembered and one that was forgotten give the same.
func TestKernel_forgetsPaths(t *testing.T) {
	k := newKernel(&plan{models: []string{Last}, keys: make([]string, maxCached+2)})
	for i := range maxCached + 2 {
		k.path = []int{i, 0}
		k.splitsOf()
	}
	if len(k.splits) >= maxCached {
		t.Fatalf("%d paths are remembered", len(k.splits))
	}
	k.path = []int{1, 0}
	if diff := gocmp.Diff([]int{0}, k.splitsOf()[0].keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
