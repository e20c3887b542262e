package stats

import "math/rand/v2"

// Rand returns a generator of its own for a seed and a stream: the same pair always yields the same
// numbers, and streams of one seed do not depend on how much another has drawn.
func Rand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
