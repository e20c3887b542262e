package funnel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/internal/engine"
	"vouch/referral"
)

// DefaultLimit is the number of units of a list that asks for no number.
const DefaultLimit = 1000

// Statuses are what a list may ask for; the first is the default.
//
// reached: whoever reached the step, whatever followed. converted: those of them who completed the funnel. dropped and
// open: those who got no further than the step, and whose window is over, or is not.
var Statuses = []string{"reached", statusConverted, statusDropped, statusOpen}

// ListQuestion asks for the units of one step.
type ListQuestion struct {
	Step   string // by name
	Status string // one of Statuses; "" for the first
	Limit  int    // 0: DefaultLimit
}

// List is the units of a step, in ascending order of their ids, up to a limit.
type List struct {
	Name   string   `json:"name"` // of the funnel
	Unit   string   `json:"unit"`
	Step   string   `json:"step"`
	Status string   `json:"status"`
	Limit  int      `json:"limit"`
	Total  int64    `json:"total"` // how many there are, listed or not
	Units  []Listed `json:"units"`
}

// Listed is one unit, or one attempt of it. Times are UTC, to the microsecond.
type Listed struct {
	ID string `json:"id"`
	// LastStep is the last required step reached; EnteredAt and LastAt are the times of the first step and of
	// that step on the reference chain.
	LastStep  string    `json:"last_step"`
	EnteredAt time.Time `json:"entered_at"`
	LastAt    time.Time `json:"last_event_at"`
	Status    string    `json:"status"` // converted, dropped, open
}

// ErrNoStep says that a funnel has no step of the name asked for.
var ErrNoStep = errors.New("no such step")

// ErrList says that a list was asked for in a way that has no meaning.
var ErrList = errors.New("invalid list")

// Units lists the units of a step. Persons are private data: nothing asks for them but the one who does.
func Units(ctx context.Context, db engine.DB, def Definition, scope referral.Scope, ask ListQuestion) (*List, error) {
	q, cat, err := watch(ctx, db, def, scope)
	if err != nil {
		return nil, err
	}
	step, err := ask.settle(q)
	if err != nil {
		return nil, err
	}
	all := hits{limit: ask.Limit}
	newLister := func() engine.Kernel {
		l := &lister{watcher: newWatcher(q), step: step, status: ask.Status, named: def.unit().table == "", hits: hits{limit: ask.Limit}}
		l.views.onUnit = l.unit
		return l
	}
	err = q.scan(ctx, db, def, cat, newLister, func(k engine.Kernel) error {
		own := &k.(*lister).hits
		all.total += own.total
		all.list = append(all.list, own.list...)
		return nil
	})
	if err == nil && def.unit().table != "" {
		err = all.name(ctx, db, def.unit())
	}
	if err != nil {
		return nil, err
	}
	all.cut()
	out := &List{Name: def.Name, Unit: def.unit().name, Step: ask.Step, Status: ask.Status, Limit: ask.Limit, Total: all.total, Units: make([]Listed, 0, len(all.list))}
	for _, h := range all.list {
		out.Units = append(out.Units, Listed{
			ID: h.name, LastStep: q.rules.label(h.level - 1), EnteredAt: time.UnixMicro(h.entered).UTC(), LastAt: time.UnixMicro(h.last).UTC(), Status: h.status,
		})
	}
	return out, nil
}

// settle fills the defaults of a question and finds its step.
func (ask *ListQuestion) settle(q *query) (step int, err error) {
	ask.Status = orDefault(ask.Status, Statuses)
	if ask.Limit == 0 {
		ask.Limit = DefaultLimit
	}
	if !slices.Contains(Statuses, ask.Status) || ask.Limit < 0 {
		return 0, fmt.Errorf("%w: status %q, limit %d; the status is one of %s, the limit at least 1", ErrList, ask.Status, ask.Limit, strings.Join(Statuses, ", "))
	}
	names := make([]string, len(q.plan.steps))
	for i := range names {
		if names[i] = q.rules.label(i); names[i] == ask.Step {
			return i, nil
		}
	}
	hint := ""
	if s := referral.Suggest(ask.Step, names); s != "" {
		hint = fmt.Sprintf("; did you mean %q?", s)
	}
	return 0, fmt.Errorf("%w: %q; the steps are %s%s", ErrNoStep, ask.Step, strings.Join(names, ", "), hint)
}

// hit is a unit that belongs on the list.
type hit struct {
	key           int64
	name          string
	level         int
	entered, last int64
	status        string
}

// hits are the units found. Where they carry their names, no more than twice the limit are held; keys are held all, because
// their order is not that of the names.
type hits struct {
	list  []hit
	limit int
	total int64
}

// cut sorts by name and time and drops what is beyond the limit.
func (h *hits) cut() {
	slices.SortFunc(h.list, func(a, b hit) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.entered, b.entered), cmp.Compare(a.last, b.last))
	})
	if len(h.list) > h.limit {
		h.list = h.list[:h.limit]
	}
}

// errEnough ends the reading of ids.
var errEnough = errors.New("the list is full")

// name finds the ids of the units, in ascending order, until the list is full.
func (h *hits) name(ctx context.Context, db engine.DB, unit unitOf) error {
	st, err := statements.Render(db.Dialect(), "ids", unit.table)
	if err != nil {
		return err
	}
	slices.SortStableFunc(h.list, func(a, b hit) int { return cmp.Compare(a.key, b.key) })
	var named []hit
	err = db.Stream(ctx, st, func(b *engine.Batch) error {
		for i := range b.Len {
			key := b.Columns[0].Int(i)
			at, _ := slices.BinarySearchFunc(h.list, key, func(x hit, key int64) int { return cmp.Compare(x.key, key) })
			for ; at < len(h.list) && h.list[at].key == key; at++ {
				x := h.list[at]
				x.name = strings.Clone(b.Columns[1].Text[i]) // the batch owns the text
				named = append(named, x)
			}
			if len(named) >= h.limit {
				return errEnough
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("%s: %w", st.Name, err)
	}
	h.list = named
	return nil
}

// lister is a kernel that finds the units of a step.
type lister struct {
	*watcher
	step   int
	status string
	named  bool // units carry their names
	hits   hits
}

func (l *lister) unit(o *outcome) {
	p := l.q.plan
	if !o.has(p, l.step) {
		return
	}
	h := hit{key: l.person, level: o.level, entered: o.start(), last: o.last(), status: l.q.status(o)}
	if l.status != Statuses[0] && (h.status != l.status || h.status != statusConverted && o.level > l.step+1) {
		return
	}
	l.hits.total++
	if l.named {
		s, _, _ := l.seen.of(l.person)
		h.name = s.name
	}
	l.hits.list = append(l.hits.list, h)
	if l.named && len(l.hits.list) >= 2*l.hits.limit {
		l.hits.cut()
	}
}
