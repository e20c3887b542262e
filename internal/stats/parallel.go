package stats

import (
	"context"
	"sync"
	"sync/atomic"
)

// Parallel calls f for each i in [0,n) on at most workers goroutines and returns when all have
// ended. It is the one place where numeric loops become concurrent. f writes its result to a slot of
// its own, so what comes out does not depend on scheduling. The first error by index is returned;
// after an error or the end of the context no further calls are started.
func Parallel(ctx context.Context, workers, n int, f func(i int) error) error {
	workers = max(1, min(workers, n))
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for !failed.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = f(i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
