package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/internal/sqltext"
)

// fakeDB streams the person keys of a range, one a row, in batches of three: enough to see what
// PersonScan does without an engine. before runs at the start of each stream.
type fakeDB struct {
	threads int
	before  func(ctx context.Context, lo, hi int64) error
}

func (f fakeDB) Dialect() sqltext.Dialect { return sqltext.DuckDB{} }
func (f fakeDB) Threads() int             { return f.threads }
func (f fakeDB) Query(context.Context, sqltext.Stmt) (*sql.Rows, error) {
	return nil, errors.New("not used")
}

func (f fakeDB) Stream(ctx context.Context, s sqltext.Stmt, each func(*Batch) error) error {
	lo, hi := s.Args[0].(int64), s.Args[1].(int64)
	if f.before != nil {
		if err := f.before(ctx, lo, hi); err != nil {
			return err
		}
	}
	for from := lo; from < hi; from += 3 {
		b := Batch{Columns: []Column{{}}}
		for k := from; k < min(hi, from+3); k++ {
			b.Columns[0].I64 = append(b.Columns[0].I64, k)
		}
		b.Len = len(b.Columns[0].I64)
		if err := each(&b); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// keys is a kernel that keeps the persons it saw.
type keys struct {
	seen   []int64
	closed int
	fail   func(person int64) error
}

func (k *keys) Batch(b *Batch) error {
	for i := range b.Len {
		p := b.Columns[0].Int(i)
		if k.fail != nil {
			if err := k.fail(p); err != nil {
				return err
			}
		}
		k.seen = append(k.seen, p)
	}
	return nil
}

func (k *keys) Close() error {
	k.closed++
	return nil
}

func scan(persons int64, ranges int) PersonScan {
	return PersonScan{Persons: persons, Ranges: ranges, Stmt: func(lo, hi int64) (sqltext.Stmt, error) {
		return sqltext.Raw("test/persons", "SELECT person_key", lo, hi), nil
	}}
}

func TestPersonScan_everyPersonOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		persons := rapid.Int64Range(0, 200).Draw(t, "persons")
		ranges := rapid.IntRange(-1, 300).Draw(t, "ranges")
		threads := rapid.IntRange(0, 6).Draw(t, "threads")
		var got []int64
		err := scan(persons, ranges).Run(context.Background(), fakeDB{threads: threads}, func() Kernel { return &keys{} }, func(k Kernel) error {
			if k.(*keys).closed != 1 {
				return fmt.Errorf("closed %d times", k.(*keys).closed)
			}
			got = append(got, k.(*keys).seen...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(got)) != persons {
			t.Fatalf("%d of %d persons", len(got), persons)
		}
		for i, p := range got {
			if p != int64(i) {
				t.Fatalf("person %d came at place %d", p, i)
			}
		}
	})
}

func TestPersonScan_split(t *testing.T) {
	for _, c := range []struct {
		persons int64
		ranges  int
		workers int
		want    int
	}{
		{0, 0, 4, 1},
		{1, 0, 4, 1},
		{3, 0, 4, 3},
		{100, 0, 4, 8},
		{1_048_576, 0, 1, 4},
		{5_000_000, 0, 2, 14},
		{5_000_000, 0, 4, 20},
		{10, 7, 2, 7},
		{1 << 40, 1000, 4, 1000},
	} {
		got := scan(c.persons, c.ranges).split(c.workers)
		if len(got) != c.want || got[0].lo != 0 || got[len(got)-1].hi != c.persons {
			t.Errorf("%+v: %d ranges from %d to %d", c, len(got), got[0].lo, got[len(got)-1].hi)
		}
		for i := 1; i < len(got); i++ {
			if got[i].lo != got[i-1].hi || got[i].hi <= got[i].lo {
				t.Errorf("%+v: range %v after %v", c, got[i], got[i-1])
			}
		}
	}
}

// TestPersonScan_splitShrinks wants ranges that get no larger towards the end, where the work that one worker is
// left with alone is small.
func TestPersonScan_splitShrinks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		persons, workers := rapid.Int64Range(1, 20_000_000).Draw(t, "persons"), rapid.IntRange(1, 16).Draw(t, "workers")
		got := scan(persons, 0).split(workers)
		size := func(i int) int64 { return got[i].hi - got[i].lo }
		for i := range got {
			if size(i) > mostPersons+leastPersons/2 {
				t.Fatalf("range %d of %d has %d persons", i, len(got), size(i))
			}
			if i > 0 && i < len(got)-1 && size(i) > size(i-1) {
				t.Fatalf("range %d has %d persons after %d", i, size(i), size(i-1))
			}
		}
		if last := size(len(got) - 1); len(got) > 1 && last > max(leastPersons*3/2, 2*persons/int64(2*workers)) {
			t.Fatalf("the last of %d ranges has %d persons", len(got), last)
		}
	})
}

// TestPersonScan_mergesInOrderWhateverFinishesFirst makes each range wait for the one after it, so
// that they end in reverse; the merge must still go forward.
func TestPersonScan_mergesInOrderWhateverFinishesFirst(t *testing.T) {
	const n = 4
	ended := make([]chan struct{}, n+1)
	for i := range ended {
		ended[i] = make(chan struct{})
	}
	close(ended[n])
	db := fakeDB{threads: n, before: func(_ context.Context, lo, _ int64) error {
		<-ended[lo/10+1]
		close(ended[lo/10])
		return nil
	}}
	var order []int64
	err := scan(10*n, n).Run(context.Background(), db, func() Kernel { return &keys{} }, func(k Kernel) error {
		order = append(order, k.(*keys).seen[0])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{0, 10, 20, 30}, order); d != "" {
		t.Error(d)
	}
}

// TestPersonScan_firstErrorStopsTheOthers lets the last range fail while the earlier ones wait for
// the end of their context: without the stop the test would hang.
func TestPersonScan_firstErrorStopsTheOthers(t *testing.T) {
	broken := errors.New("broken")
	var stopped atomic.Int32
	db := fakeDB{threads: 4, before: func(ctx context.Context, lo, _ int64) error {
		if lo == 30 {
			return broken
		}
		<-ctx.Done()
		stopped.Add(1)
		return ctx.Err()
	}}
	err := scan(40, 4).Run(context.Background(), db, func() Kernel { return &keys{} }, func(Kernel) error {
		t.Error("something was merged")
		return nil
	})
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "test/persons, persons 30 to 40: ") {
		t.Errorf("got %v", err)
	}
	if n := stopped.Load(); n != 3 {
		t.Errorf("%d others were stopped", n)
	}
}

func TestPersonScan_errorsOfEachPart(t *testing.T) {
	broken := errors.New("broken")
	kernel := func() Kernel { return &keys{} }
	merge := func(Kernel) error { return nil }
	s := scan(1000, 50)
	for name, call := range map[string]func() error{
		"statement": func() error {
			bad := s
			bad.Stmt = func(lo, _ int64) (sqltext.Stmt, error) {
				if lo >= 500 {
					return sqltext.Stmt{}, broken
				}
				return s.Stmt(lo, lo+20)
			}
			return bad.Run(context.Background(), fakeDB{threads: 3}, kernel, merge)
		},
		"kernel": func() error {
			return s.Run(context.Background(), fakeDB{threads: 3}, func() Kernel {
				return &keys{fail: func(p int64) error {
					if p == 777 {
						return broken
					}
					return nil
				}}
			}, merge)
		},
		"close": func() error {
			return s.Run(context.Background(), fakeDB{threads: 3}, func() Kernel { return failingClose{broken} }, merge)
		},
		"merge": func() error {
			calls := 0
			err := s.Run(context.Background(), fakeDB{threads: 3}, kernel, func(Kernel) error {
				calls++
				return broken
			})
			if calls != 1 {
				return fmt.Errorf("merged %d times after the error", calls-1)
			}
			return err
		},
	} {
		if err := call(); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failingClose struct{ err error }

func (failingClose) Batch(*Batch) error { return nil }
func (f failingClose) Close() error     { return f.err }

func TestPersonScan_cancelledFromOutside(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	db := fakeDB{threads: 2, before: func(ctx context.Context, _, _ int64) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}}
	err := scan(100, 10).Run(ctx, db, func() Kernel { return &keys{} }, func(Kernel) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestPersonScan_panicReachesTheCaller: a panic in a goroutine of its own would end the program
// past every deferred clean-up of the caller.
func TestPersonScan_panicReachesTheCaller(t *testing.T) {
	defer func() {
		p := fmt.Sprint(recover())
		if !strings.Contains(p, "persons 40 to 50: impossible state") || !strings.Contains(p, "persons_test.go") {
			t.Errorf("recovered %q", p)
		}
	}()
	err := scan(100, 10).Run(context.Background(), fakeDB{threads: 3}, func() Kernel {
		return &keys{fail: func(p int64) error {
			if p == 42 {
				panic("impossible state")
			}
			return nil
		}}
	}, func(Kernel) error { return nil })
	t.Errorf("returned %v", err)
}

func TestPersonScan_neverMoreStreamsThanThreads(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	db := fakeDB{threads: 3}
	s := scan(200, 40)
	err := s.Run(context.Background(), db, func() Kernel {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		return &counted{func() { mu.Lock(); running--; mu.Unlock() }}
	}, func(Kernel) error { return nil })
	if err != nil || most > 3 || most < 1 || running != 0 {
		t.Errorf("%d at once, %d left, %v", most, running, err)
	}
}

type counted struct{ end func() }

func (counted) Batch(*Batch) error { return nil }
func (c counted) Close() error     { c.end(); return nil }
