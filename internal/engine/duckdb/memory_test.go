//go:build duckdb_arrow && linux

package duckdb

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// residentMB is the memory of this process that no Go allocator knows about as well: Arrow buffers
// belong to C.
func residentMB(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() >> 20
}

// TestStream_givesMemoryBack streams a hundred times 16 MB, to the end or abandoned after the first
// batch. If the batches, or the results, were not released, 800 MB or more would pile up; a
// quarter of it is the margin for what allocators keep.
func TestStream_givesMemoryBack(t *testing.T) {
	db := openTest(t, Options{Threads: 2})
	run(t, db, "CREATE TABLE a AS SELECT i, i AS j, i AS k, i AS l FROM range(500000) AS r(i)")
	stop := errors.New("enough")
	once := func(abandon bool) {
		err := db.Stream(context.Background(), sqltext.Raw("test", "SELECT i, j, k, l FROM a"), func(*engine.Batch) error {
			if abandon {
				return stop
			}
			return nil
		})
		if abandon != errors.Is(err, stop) || !abandon && err != nil {
			t.Fatal(err)
		}
	}
	for _, abandon := range []bool{false, true} {
		once(abandon)
		before := residentMB(t)
		for range 50 {
			once(abandon)
		}
		if grown := residentMB(t) - before; grown > 200 {
			t.Errorf("abandoned %v: %d MB more after 50 streams of 16 MB", abandon, grown)
		}
	}
}
