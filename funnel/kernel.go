package funnel

import (
	"fmt"

	"vouch/internal/engine"
)

// kernel is the engine.Kernel of a funnel: it reads rows.sql for a range of persons and counts them.
type kernel struct {
	q      *query
	cls    *classifier
	views  views
	person int64 // or other unit
	units  unitRun
	texts  texts
	lanes  map[string]int32
	key    []byte
	masks  []int64
	seen   *seen // nil unless single persons are asked for
}

// query is what the kernels of one computation share; nobody changes it.
type query struct {
	rules    *Rules
	plan     *plan
	matchers *matcherSet
	params   rowsParams
	bare     bool
	censor   bool
	end      int64
	buckets  func() *buckets
	// by and held are the texts behind the keys of the breakdown and of the held fields; nil where the
	// column is the value.
	by   *labels
	held []*labels
	seen *seen // asks for single persons and collects them; nil else
}

// texts numbers the values of the breakdown; 0 is "", for none.
type texts struct {
	ids  map[string]int32
	list []string
}

func newTexts() texts {
	return texts{ids: map[string]int32{"": 0}, list: []string{""}}
}

func (t *texts) id(s string) int32 {
	id, ok := t.ids[s]
	if !ok {
		id = int32(len(t.list))
		s = string(append([]byte(nil), s...)) // the batch owns the text
		t.ids[s] = id
		t.list = append(t.list, s)
	}
	return id
}

func newKernel(q *query) *kernel {
	p := *q.plan // the views flip the reading of ties for a moment, so each kernel has its own
	k := &kernel{q: q, cls: newClassifier(q.matchers), person: -1, texts: newTexts(), lanes: map[string]int32{}}
	k.views = views{
		p: &p, e: newEvaluator(&p, nil, !q.bare), t: newTally(&p), bare: q.bare, censor: q.censor, end: q.end,
		text: func(v int32) string { return k.texts.list[v] },
	}
	if q.by != nil {
		k.views.text = func(v int32) string { return q.by.list[v] }
	}
	if q.buckets != nil {
		k.views.buckets = q.buckets()
	}
	k.masks = make([]int64, len(q.params.Masks))
	if q.seen != nil {
		k.seen = newSeen()
		k.views.onLevel = func(level int) { k.seen.levels[k.person] = level }
		k.views.onOpen = func() { k.seen.open = append(k.seen.open, k.person) }
	}
	return k
}

// Batch implements engine.Kernel for the columns of rows.sql.
func (k *kernel) Batch(b *engine.Batch) error {
	at, event := &b.Columns[1], &b.Columns[2]
	units, err := k.units.number(&b.Columns[0])
	if err != nil {
		return err
	}
	rest := b.Columns[3:]
	masks, rest := rest[:len(k.masks)], rest[len(k.masks):]
	judged, rest := rest[:len(k.q.params.Judged)], rest[len(k.q.params.Judged):]
	held, rest := rest[:len(k.q.params.Hold)], rest[len(k.q.params.Hold):]
	e := k.views.e
	for i := range b.Len {
		if id := units[i]; id != k.person {
			if id < k.person {
				return fmt.Errorf("unit %d after unit %d: events are not in order", id, k.person)
			}
			if err := k.end(); err != nil {
				return err
			}
			k.person = id
		}
		for m := range masks {
			k.masks[m] = masks[m].Int(i)
		}
		judge(k.q.params.Judged, judged, i, k.masks)
		c := k.cls.of(event.Int(i), k.masks)
		if c < 0 {
			continue
		}
		e.ts, e.class = append(e.ts, at.Int(i)), append(e.class, c)
		if len(held) > 0 {
			e.lane = append(e.lane, k.laneOf(held, i))
		}
		k.extras(rest, i)
	}
	return nil
}

// extras reads the breakdown value and the money of a row.
func (k *kernel) extras(rest []engine.Column, i int) {
	e := k.views.e
	if k.q.params.By != nil {
		e.value = append(e.value, k.valueOf(&rest[0], i))
		rest = rest[1:]
	}
	if k.q.params.Money {
		var v int64
		if !rest[0].IsNull(i) {
			v = rest[0].Int(i)
		}
		k.views.money = append(k.views.money, v)
	}
}

// laneOf numbers the tuple of held values; −1 if one is missing. JSON null is missing as well.
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

func (k *kernel) valueOf(c *engine.Column, i int) int32 {
	if c.IsNull(i) {
		return 0
	}
	if c.Text != nil {
		return k.texts.id(c.Text[i])
	}
	return k.q.by.of(c.Int(i))
}

// end ends the person at hand.
func (k *kernel) end() error {
	k.views.e.classes = k.cls.classes
	err := k.views.person()
	k.views.e.reset()
	k.views.money = k.views.money[:0]
	clear(k.lanes)
	if err != nil {
		return fmt.Errorf("unit %d: %w", k.person, err)
	}
	return nil
}

// Close implements engine.Kernel.
func (k *kernel) Close() error { return k.end() }
