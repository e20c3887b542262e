package demo

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"vouch/internal/files"
)

// Options says which programme to write. Equal options give byte-identical files.
type Options struct {
	Seed     uint64
	Persons  int // invitees and walk-ins; default 20,000
	Partners int // default 60, at least 14
}

// Defaults of the options.
const (
	DefaultSeed     = 1
	DefaultPersons  = usualPersons
	DefaultPartners = 60
)

//go:embed project/vouch.yaml
var projectFile []byte

// ErrSize says that a demo of that size cannot be made.
var ErrSize = errors.New("impossible size")

// ErrNotDemo says that the folder holds something else, which a demo must not overwrite.
var ErrNotDemo = errors.New("not empty and not a demo")

// Write writes a project into dir: vouch.yaml, the data files and truth.json. A demo that is already
// there is overwritten; any other content is refused with ErrNotDemo. Persons are generated one after
// the other and never held together, so memory does not grow with their number.
func Write(ctx context.Context, dir string, o Options) error {
	_, err := Generate(ctx, dir, o)
	return err
}

// Generate is Write and returns what went into truth.json.
func Generate(ctx context.Context, dir string, o Options) (*Truth, error) {
	if o.Persons == 0 {
		o.Persons = DefaultPersons
	}
	if o.Partners == 0 {
		o.Partners = DefaultPartners
	}
	if o.Persons < 0 || o.Persons > 9_999_999 {
		return nil, fmt.Errorf("%w: %d persons: choose 1 to 9,999,999", ErrSize, o.Persons)
	}
	if o.Partners < minPartners || o.Partners > 999 {
		return nil, fmt.Errorf("%w: %d partners: choose %d to 999", ErrSize, o.Partners, minPartners)
	}
	if err := prepare(dir); err != nil {
		return nil, err
	}
	t, err := generate(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("write demo %s: %w", dir, err)
	}
	return t, nil
}

// prepare makes the folders, or refuses a folder with other content.
func prepare(dir string) error {
	if files.IsDir(dir) && !files.Exists(filepath.Join(dir, "truth.json")) {
		there, err := files.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		if len(there) > 0 {
			return fmt.Errorf("demo: %s: %w; choose an empty folder", dir, ErrNotDemo)
		}
	}
	for _, d := range []string{"web", "billing"} {
		if err := files.MkdirAll(filepath.Join(dir, "data", d)); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

func generate(ctx context.Context, dir string, o Options) (t *Truth, err error) {
	scratch, remove, err := files.TempDir("", "vouch-demo")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	w, err := newWorld(o.Seed, o.Partners)
	if err != nil {
		return nil, err
	}
	out, err := newSinks(dir, scratch, w.cal.zone)
	if err != nil {
		return nil, err
	}
	b := newBook(w)
	if err := w.unfold(ctx, o.Persons, func(h *history) {
		b.enter(h)
		out.write(h)
	}, b.refer); err != nil {
		return nil, errors.Join(err, out.abort())
	}
	if err := out.close(); err != nil {
		return nil, err
	}
	if err := b.writeTables(dir); err != nil {
		return nil, err
	}
	costs := b.costs(o.Persons)
	if err := writeAll(filepath.Join(scratch, "costs.csv"), costColumns, costRows(costs)); err != nil {
		return nil, err
	}
	if err := pack(ctx, dir, scratch); err != nil {
		return nil, err
	}
	t = b.truth(o, costs)
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := files.WriteAtomic(filepath.Join(dir, "vouch.yaml"), projectFile); err != nil {
		return nil, err
	}
	return t, files.WriteAtomic(filepath.Join(dir, "truth.json"), append(text, '\n'))
}

// unfold generates the world: every person with its referrer, the referrers themselves, the ring.
// each sees every history with an event before the end, refer every referrer with the number of its
// analysed invitees.
func (w *world) unfold(ctx context.Context, persons int, each func(*history), refer func(*referrer, int)) error {
	for block := 0; block*blockSize < persons; block++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, g := range groups(w.seed, block) {
			if g.lo >= persons {
				break
			}
			r := w.newReferrer(g.lo)
			each(w.own(r))
			analysed := 0
			for i := g.lo; i < min(g.hi, persons); i++ {
				h := w.newPerson(i, r)
				if len(h.events) == 0 {
					continue // it all happens later
				}
				if h.class == invitee {
					analysed++
				}
				each(h)
			}
			refer(r, analysed)
		}
	}
	for _, h := range w.newRing() {
		each(h)
	}
	return nil
}
