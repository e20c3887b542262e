package cli

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// collector tells GOGC and GOMEMLIMIT as they are in force.
func collector() (percent, limit uint64) {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64(), s[1].Value.Uint64()
}

// TestCollectLate wants no collection before the limit, and the usual pace after the first.
func TestCollectLate(t *testing.T) {
	before := debug.SetGCPercent(123)
	defer debug.SetGCPercent(before)
	collectLate()
	if percent, limit := collector(); percent != math.MaxUint64 || limit != quietHeap {
		t.Errorf("set: GOGC %d, limit %d", percent, limit)
	}
	for range 1000 { // what runs after a collection runs some time after it
		runtime.GC()
		if percent, limit := collector(); percent == 123 && limit == math.MaxInt64 {
			return
		}
		runtime.Gosched()
	}
	percent, limit := collector()
	t.Errorf("after the first collection: GOGC %d, limit %d", percent, limit)
}

// TestCollectLate_asTold leaves a pace alone that whoever runs the program has chosen.
func TestCollectLate_asTold(t *testing.T) {
	before := debug.SetGCPercent(-1)
	defer debug.SetGCPercent(before)
	collectLate()
	if percent, limit := collector(); percent != math.MaxUint64 || limit != math.MaxInt64 {
		t.Errorf("GOGC off: GOGC %d, limit %d", percent, limit)
	}
	debug.SetGCPercent(50)
	limit := debug.SetMemoryLimit(1 << 30)
	defer debug.SetMemoryLimit(limit)
	collectLate()
	if percent, limit := collector(); percent != 50 || limit != 1<<30 {
		t.Errorf("a limit: GOGC %d, limit %d", percent, limit)
	}
}
