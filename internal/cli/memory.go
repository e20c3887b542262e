package cli

import (
	"math"
	"runtime"
	"runtime/debug"
)

// quietHeap is how much memory the Go side may take before it is cleaned for the first time.
const quietHeap = 64 << 20

// collectLate puts the first garbage collection off until the Go side has taken quietHeap bytes; from then on
// the heap is kept as GOGC and GOMEMLIMIT say. A command that ends sooner, as most do, collects nothing:
// else a heap that begins with a few megabytes is cleaned again at each few megabytes more. What the
// embedded database takes does not count.
func collectLate() {
	percent := debug.SetGCPercent(-1)
	limit := debug.SetMemoryLimit(-1)
	if percent < 0 || limit < math.MaxInt64 {
		debug.SetGCPercent(percent) // whoever runs the program has said when
		return
	}
	debug.SetMemoryLimit(quietHeap)
	runtime.AddCleanup(new([16]byte), func(percent int) { // runs after the first collection
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, percent)
}
