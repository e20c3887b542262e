package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"vouch/internal/sqltext"
)

// Kernel consumes the ordered events of a range of persons. One person never spans two kernels.
type Kernel interface {
	// Batch takes the next rows; a person may continue in the next batch.
	Batch(b *Batch) error
	// Close ends the last person.
	Close() error
}

// PersonScan reads events ordered by (person, time, event id), split into ranges of person keys
// that several goroutines work on, each with a connection of its own.
type PersonScan struct {
	// Stmt returns the statement for persons lo ≤ key < hi, ordered by person and time.
	Stmt func(lo, hi int64) (sqltext.Stmt, error)
	// Persons is the number of person keys, which are dense from 0.
	Persons int64
	// Ranges is the number of parts, of the same size; 0 takes several per worker. More parts than workers
	// even out persons of unequal activity; each costs about a millisecond.
	Ranges int
}

// Run scans all ranges. newKernel makes the kernel of one range; done receives it after its last
// person, in the order of the ranges, so that what is merged does not depend on scheduling. The
// first error stops the other workers and is returned. A panic of a kernel continues in the caller,
// after the other workers have stopped. Without persons one kernel sees no rows and is merged.
func (s PersonScan) Run(ctx context.Context, db DB, newKernel func() Kernel, done func(Kernel) error) error {
	workers := max(1, db.Threads())
	ranges := s.split(workers)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make([]chan outcome, len(ranges))
	for i := range results {
		results[i] = make(chan outcome, 1)
	}
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(workers, len(ranges)) {
		wg.Go(func() {
			for i := range next {
				o := s.scanRange(ctx, db, ranges[i], newKernel)
				if o.err != nil || o.panicked != nil {
					cancel() // at once: the ranges before this one may run for long
				}
				results[i] <- o
			}
		})
	}
	wg.Go(func() {
		defer close(next)
		for i := range ranges {
			select {
			case next <- i:
			case <-ctx.Done():
				results[i] <- outcome{err: ctx.Err()}
			}
		}
	})
	var errs []error
	var panicked any
	for _, r := range results {
		o := <-r
		if o.panicked != nil && panicked == nil {
			panicked, o.err = o.panicked, context.Canceled
		}
		if o.err == nil && len(errs) == 0 {
			o.err = done(o.kernel)
		}
		if o.err != nil {
			errs = append(errs, o.err)
			cancel()
		}
	}
	wg.Wait()
	if panicked != nil {
		panic(panicked)
	}
	return firstCause(errs)
}

// outcome is what became of one range.
type outcome struct {
	kernel   Kernel
	err      error
	panicked any
}

type personRange struct{ lo, hi int64 }

// Without a number of parts, ranges hold at most mostPersons and get smaller towards the end, down to
// leastPersons, so that the workers finish at about the same time.
const (
	mostPersons  = 1 << 19
	leastPersons = 1 << 17
)

func (s PersonScan) split(workers int) []personRange {
	if s.Ranges > 0 {
		n := max(1, min(int64(s.Ranges), s.Persons))
		out := make([]personRange, 0, n)
		for i := range n {
			out = append(out, personRange{s.Persons * i / n, s.Persons * (i + 1) / n})
		}
		return out
	}
	parts := 2 * int64(workers) // of what is left
	least := max(1, min(leastPersons, (s.Persons+parts-1)/parts))
	out := []personRange{}
	for lo := int64(0); lo < s.Persons || len(out) == 0; {
		left := s.Persons - lo
		n := min(max(left/parts, least), mostPersons)
		if left-n < least/2 {
			n = left
		}
		out = append(out, personRange{lo, lo + n})
		lo += n
	}
	return out
}

func (s PersonScan) scanRange(ctx context.Context, db DB, r personRange, newKernel func() Kernel) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{panicked: fmt.Sprintf("persons %d to %d: %v\n%s", r.lo, r.hi, p, debug.Stack())}
		}
	}()
	o.kernel = newKernel()
	st, err := s.Stmt(r.lo, r.hi)
	if err != nil {
		return outcome{err: err}
	}
	if err := db.Stream(ctx, st, o.kernel.Batch); err != nil {
		return outcome{err: fmt.Errorf("%s, persons %d to %d: %w", st.Name, r.lo, r.hi, err)}
	}
	o.err = o.kernel.Close()
	return o
}

// firstCause prefers the error that made the workers stop over the cancellations it caused.
func firstCause(errs []error) error {
	for _, e := range errs {
		if !errors.Is(e, context.Canceled) {
			return e
		}
	}
	if len(errs) > 0 {
		return errs[0]
	}
	return nil
}
