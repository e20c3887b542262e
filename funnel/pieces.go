package funnel

import "slices"

// pieces is a list that grows by pieces and never moves what it holds: kernels note millions of times.
type pieces[T any] struct {
	full [][]T
	last []T
}

// Lengths of pieces: each is twice as long as the one before it, up to the longest.
const (
	firstPiece   = 16
	longestPiece = 1 << 13
)

func (l *pieces[T]) add(v T) {
	if len(l.last) == cap(l.last) {
		l.grow()
	}
	l.last = append(l.last, v)
}

func (l *pieces[T]) grow() {
	n := max(firstPiece, min(2*cap(l.last), longestPiece))
	l.seal()
	l.last = make([]T, 0, n)
}

// join appends the pieces of another list, which must not grow afterwards.
func (l *pieces[T]) join(o *pieces[T]) {
	l.seal()
	l.full = append(l.full, o.full...)
	if len(o.last) > 0 {
		l.full = append(l.full, o.last)
	}
}

// seal ends the last piece.
func (l *pieces[T]) seal() {
	if len(l.last) > 0 {
		l.full, l.last = append(l.full, l.last), nil
	}
}

// each yields the pieces.
func (l *pieces[T]) each(yield func([]T) bool) {
	for _, p := range l.full {
		if !yield(p) {
			return
		}
	}
	if len(l.last) > 0 {
		yield(l.last)
	}
}

func (l *pieces[T]) len() int {
	n := 0
	for p := range l.each {
		n += len(p)
	}
	return n
}

// list lists the pieces.
func (l *pieces[T]) list() [][]T { return slices.Collect(l.each) }
