package funnel

import "sync"

// relay hands a kernel of bare counts on from range to range, so that its counts by value are made and added up
// once per worker and not once per range.
type relay struct {
	q    *query
	mu   sync.Mutex
	idle []*kernel
}

// next returns a kernel for a range: one that is done with another, or a new one.
func (r *relay) next() *kernel {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.idle); n > 0 {
		k := r.idle[n-1]
		r.idle = r.idle[:n-1]
		return k
	}
	k := newKernel(r.q)
	if k.levels != nil && r.q.params.UnitKeys { // units of text are numbered in one go
		k.relay = r
	}
	return k
}

// pass takes a kernel that is done with a range.
func (r *relay) pass(k *kernel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, k)
}

// end adds what the kernels counted to a tally, after the last range.
func (r *relay) end(t *tally) {
	for _, k := range r.idle {
		k.levels.close(k.views.text)
		k.views.close()
		t.add(k.views.t)
	}
}
