package funnel

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Lists that grow and are joined hold what was added, in the order in which it was, and never move it.
func TestPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all pieces[int]
		var want []int
		for range rapid.IntRange(0, 4).Draw(t, "lists") {
			var one pieces[int]
			var first *int
			for i := range rapid.SampledFrom([]int{0, 1, firstPiece, firstPiece + 1, 100, 3 * longestPiece}).Draw(t, "length") {
				one.add(i)
				want = append(want, i)
				if i == 0 {
					first = &one.last[0]
				}
			}
			if got := one.list(); first != nil && first != &got[0][0] {
				t.Fatal("the list has moved")
			}
			all.join(&one)
			for i := range rapid.IntRange(0, 2).Draw(t, "more") {
				all.add(i)
				want = append(want, i)
			}
		}
		if all.len() != len(want) || !slices.Equal(slices.Concat(all.list()...), want) {
			t.Fatalf("%d numbers, want %d", all.len(), len(want))
		}
		for p := range all.each { // ends where it is told to
			if len(p) == 0 {
				t.Fatal("an empty piece")
			}
			break
		}
	})
}
