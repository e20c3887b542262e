package funnel

import (
	"fmt"

	"vouch/internal/engine"
)

// kernel is the engine.Kernel of a funnel: it reads rows.sql for a range of persons and counts them.
// The events of a person that lie within one batch are evaluated where they are; only those of a person
// that continues in the next batch are copied.
type kernel struct {
	q      *query
	cls    *classifier
	views  views
	units  unitRun
	plain  *plain  // nil where the options ask for more
	levels *levels // bare counts of plain funnels take this short way
	relay  *relay  // takes the kernel on to another range; nil if it is done after one
	texts  texts
	lanes  map[string]int32
	key    []byte
	masks  []int64

	persons, names []int64 // the batch at hand, widened; persons or other units
	nulls          []int64
	cols           journey
	person         int64   // of the last event
	carry          journey // events of that person from earlier batches
	seen           *seen   // nil unless single persons are asked for
}

// query is what the kernels of one computation share; nobody changes it.
type query struct {
	rules    *Rules
	plan     *plan
	matchers *matcherSet
	params   rowsParams
	bare     bool
	censor   bool
	// following says that single units are asked for, and no views.
	following bool
	end       int64
	buckets   func() *buckets
	// by and held are the texts behind the keys of the breakdown and of the held fields; nil where the
	// column is the value.
	by   *labels
	held []*labels
	seen *seen // asks for single persons and collects them; nil else
	outside
}

func newKernel(q *query) *kernel {
	p := q.plan
	k := &kernel{q: q, cls: newClassifier(q.matchers), person: -1, texts: newTexts(), lanes: map[string]int32{}}
	k.views = views{
		p: p, e: newEvaluator(p, nil, !q.bare), t: newTally(p), bare: q.bare, censor: q.censor, end: q.end,
		text: func(v int32) string { return k.texts.list[v] },
	}
	k.views.carries = q.carries()
	if q.by != nil {
		k.views.text = func(v int32) string { return q.by.list[v] }
	}
	if q.buckets != nil {
		k.views.buckets = q.buckets()
	}
	if !q.bare && !q.following {
		k.views.ties, k.views.noise = tieReading(p), noiseReading(p)
	}
	if q.seen != nil {
		k.seen = newSeen()
		k.views.onLevel = func(level int) { k.seen.levels[k.person] = level }
		k.views.onOpen = func() { k.seen.open = append(k.seen.open, k.person) }
	}
	if q.bare && q.seen == nil && countsLevels(p) {
		k.levels = newLevels(p, q.matchers, k.views.t)
	}
	k.masks = make([]int64, len(q.params.Masks))
	if !q.bare && !q.following && readsPlain(p, q.matchers) {
		k.plain = newPlain(k)
	}
	return k
}

// carries reports whether a unit may count under several values, and what they have together is asked for.
// Attempts are units of one value each.
func (q *query) carries() bool {
	return !q.bare && !q.following && !q.plan.totals && (q.plan.attribution == "all" || q.plan.attribution == "step")
}

// Batch implements engine.Kernel for the columns of rows.sql.
func (k *kernel) Batch(b *engine.Batch) error {
	if b.Len == 0 {
		return nil
	}
	if k.plain != nil {
		return k.plain.batch(b)
	}
	if err := k.read(b); err != nil {
		return err
	}
	if k.levels != nil {
		return k.levels.add(k.persons, &k.cols, k.cls.classes)
	}
	for i := 0; i < b.Len; {
		id := k.persons[i]
		j := i + 1
		for j < b.Len && k.persons[j] == id {
			j++
		}
		if id != k.person {
			if id < k.person {
				return outOfOrder(id, k.person)
			}
			if err := k.endCarried(); err != nil {
				return err
			}
			k.person = id
		}
		if j == b.Len || len(k.carry.ts) > 0 {
			k.carry.append(k.cols.slice(i, j))
		} else if err := k.end(k.cols.slice(i, j)); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func outOfOrder(id, after int64) error {
	return fmt.Errorf("unit %d after unit %d: events are not in order", id, after)
}

// read turns the batch into a journey.
func (k *kernel) read(b *engine.Batch) (err error) {
	c := &k.cols
	if k.persons, err = k.units.number(&b.Columns[0]); err != nil {
		return err
	}
	if c.ts = b.Columns[1].I64; c.ts == nil {
		c.ts = b.Columns[1].AppendInts(nil)
	}
	rest := b.Columns[3:]
	masks, rest := rest[:len(k.masks)], rest[len(k.masks):]
	judged, rest := rest[:len(k.q.params.Judged)], rest[len(k.q.params.Judged):]
	held, rest := rest[:len(k.q.params.Hold)], rest[len(k.q.params.Hold):]
	c.class = k.classes(c.class[:0], &b.Columns[2], masks, judged)
	c.serve = k.serve(c.serve[:0])
	c.lane = k.heldLanes(c.lane[:0], held)
	if k.q.params.By != nil {
		c.value = k.values(c.value[:0], &rest[0], b.Len)
		rest = rest[1:]
	}
	if k.q.params.Money {
		c.money = k.minor(&rest[0])
	}
	return nil
}

// classes finds what each event of the batch matches.
func (k *kernel) classes(dst []int32, events *engine.Column, masks, judged []engine.Column) []int32 {
	if len(masks) == 0 {
		return lookUp(dst, events, k.cls.plain)
	}
	k.names = events.AppendInts(k.names[:0])
	for i, event := range k.names {
		for m := range masks {
			k.masks[m] = masks[m].Int(i)
		}
		judge(k.q.params.Judged, judged, i, k.masks)
		dst = append(dst, k.cls.ofMasks(event, k.masks))
	}
	return dst
}

// serve lists the steps that each event matches, where one word holds them.
func (k *kernel) serve(dst []uint64) []uint64 {
	if k.levels != nil || k.q.plan.words > 1 {
		return dst
	}
	for _, c := range k.cols.class {
		dst = append(dst, k.cls.classes[c].steps[0])
	}
	return dst
}

// minor is the money of each event, 0 where there is none.
func (k *kernel) minor(c *engine.Column) []int64 {
	if c.Valid == nil && c.I64 != nil {
		return c.I64
	}
	k.nulls = c.AppendInts(k.nulls[:0])
	for i, ok := range c.Valid {
		if !ok {
			k.nulls[i] = 0
		}
	}
	return k.nulls
}

// heldLanes numbers the tuples of held values within each person; −1 if one is missing. JSON null is
// missing as well.
func (k *kernel) heldLanes(dst []int32, held []engine.Column) []int32 {
	if len(held) == 0 {
		return dst
	}
	person := k.person
	for i, id := range k.persons {
		if id != person {
			clear(k.lanes)
			person = id
		}
		dst = append(dst, k.laneOf(held, i))
	}
	return dst
}

func (k *kernel) laneOf(held []engine.Column, i int) int32 {
	k.key = k.key[:0]
	for c := range held {
		if held[c].IsNull(i) {
			return -1
		}
		if held[c].Text == nil {
			id := held[c].Int(i)
			if l := k.q.held[c]; l != nil {
				if id = int64(l.of(id)); id == 0 {
					return -1
				}
			}
			k.key = fmt.Appendf(k.key, "%d", id)
		} else {
			if k.q.params.Hold[c].Prop != "" && held[c].Text[i] == "null" {
				return -1
			}
			k.key = append(k.key, held[c].Text[i]...)
		}
		k.key = append(k.key, 0)
	}
	id, ok := k.lanes[string(k.key)]
	if !ok {
		id = int32(len(k.lanes))
		k.lanes[string(k.key)] = id
	}
	return id
}

// values numbers the value of the breakdown of each event.
func (k *kernel) values(dst []int32, c *engine.Column, n int) []int32 {
	if c.Text == nil {
		return k.keyed(dst, c)
	}
	for i := range n {
		if c.IsNull(i) {
			dst = append(dst, 0)
		} else {
			dst = append(dst, k.texts.id(c.Text[i]))
		}
	}
	return dst
}

// keyed numbers the values behind dictionary keys.
func (k *kernel) keyed(dst []int32, c *engine.Column) []int32 {
	dst = lookUp(dst, c, k.q.by.byKey)
	for i, ok := range c.Valid {
		if !ok {
			dst[i] = 0
		}
	}
	return dst
}

func (k *kernel) endCarried() error {
	if len(k.carry.ts) == 0 {
		return nil
	}
	err := k.end(k.carry)
	k.carry.reset()
	return err
}

// end ends the person at hand, whose events are given.
func (k *kernel) end(events journey) error {
	k.views.e.journey, k.views.e.classes = events, k.cls.classes
	if err := k.views.person(); err != nil {
		return fmt.Errorf("unit %d: %w", k.person, err)
	}
	return nil
}

// Close implements engine.Kernel.
func (k *kernel) Close() error {
	if k.relay != nil {
		k.levels.rest()
		k.relay.pass(k) // from here on it may be another worker's
		return nil
	}
	defer k.views.close()
	switch {
	case k.plain != nil:
		return k.plain.close()
	case k.levels != nil:
		k.levels.rest()
		k.levels.close(k.views.text)
		return nil
	}
	return k.endCarried()
}
