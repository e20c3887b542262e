package funnel

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"vouch/referral"
)

// Event is one event of a count without a project: a person, a time of any integer unit, a name and
// properties as JSON.
type Event struct {
	Person string
	TS     int64
	Name   string
	Props  map[string]json.RawMessage
}

// Counted is the answer to plain rules over given events.
type Counted struct {
	StepCounts    []int64
	Optional      map[string]int64 // nil without optional steps
	PersonLevel   map[string]int
	TimeToConvert map[string]Durations
	Breakdown     map[string][]int64     // nil without a breakdown
	Trend         map[string]TrendCounts // nil without a trend
	Censoring     *CensoringCounts       // nil where it is not defined
}

// Durations are times between steps in the unit of the events, ascending.
type Durations struct {
	Times
	Values []int64
}

// TrendCounts are the entrants of a bucket and those of them who converted.
type TrendCounts struct{ Entered, Converted int64 }

// CensoringCounts tells apart who did not convert and who could not have yet.
type CensoringCounts struct {
	Naive, Matured TrendCounts
	Survival       Survival
	OpenPersons    []string
}

// ErrIdentityCycle says that following aliases never ends.
var ErrIdentityCycle = errors.New("aliases form a cycle")

// Count evaluates plain rules over events in any order. Aliases are followed to the end before anything
// else. Bad rules return referral.Problems. Trend buckets need times in UTC seconds.
//
// It is the same kernel that reads projects: only the way to the events of a person differs.
func Count(r *Rules, events []Event, identity map[string]string) (*Counted, error) {
	if err := r.Validate().Err(); err != nil {
		return nil, err
	}
	events, err := merged(events, identity)
	if err != nil {
		return nil, err
	}
	c := newCounter(r)
	out := &Counted{PersonLevel: map[string]int{}}
	c.views.onLevel = func(level int) { out.PersonLevel[c.person] = level }
	var open []string
	c.views.onOpen = func() { open = append(open, c.person) }
	for i := 0; i < len(events); {
		j := i
		for ; j < len(events) && events[j].Person == events[i].Person; j++ {
		}
		if err := c.count(events[i:j]); err != nil {
			return nil, fmt.Errorf("person %q: %w", events[i].Person, err)
		}
		if _, seen := out.PersonLevel[c.person]; !seen {
			out.PersonLevel[c.person] = 0 // all events after the observation end
		}
		i = j
	}
	return out, c.finish(out, open)
}

// merged applies the identity map and sorts by person and time; the sort is stable only for the sake of
// reproducible rows, no answer depends on it.
func merged(events []Event, identity map[string]string) ([]Event, error) {
	final := map[string]string{}
	for _, alias := range slices.Sorted(maps.Keys(identity)) {
		at := alias
		for range len(identity) {
			next, ok := identity[at]
			if !ok {
				break
			}
			at = next
		}
		if _, more := identity[at]; more {
			return nil, fmt.Errorf("identity of %q: %w", alias, ErrIdentityCycle)
		}
		final[alias] = at
	}
	out := slices.Clone(events)
	for i := range out {
		if p, ok := final[out[i].Person]; ok {
			out[i].Person = p
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.TS, b.TS))
	})
	return out, nil
}

// counter feeds events with JSON properties to the views of the kernel.
type counter struct {
	r      *Rules
	views  views
	person string
	texts  texts
	lanes  map[string]int32
	seen   map[string]int32
	steps  [][][]parsed
	excl   [][][]parsed
}

// parsed is a condition with its value read once.
type parsed struct {
	prop string // "" for the event's name
	op   string
	want value
}

func newCounter(r *Rules) *counter {
	p := newPlan(r)
	c := &counter{r: r, texts: newTexts(), lanes: map[string]int32{}, seen: map[string]int32{}}
	for i := range r.Steps {
		c.steps = append(c.steps, parseConditions(r.Steps[i].AnyOf))
	}
	for i := range r.Exclusions {
		c.excl = append(c.excl, parseConditions(r.Exclusions[i].AnyOf))
	}
	c.views = views{p: p, e: newEvaluator(p, nil, true), t: newTally(p), text: func(v int32) string { return c.texts.list[v] }}
	if r.Trend != nil {
		zone, err := time.LoadLocation(r.Trend.Timezone)
		if err != nil {
			panic("funnel: the zone was validated")
		}
		c.views.buckets = newBuckets(r.Trend.Interval, referral.Calendar{Zone: zone, WeekStart: time.Monday}, 1)
	}
	c.views.censor = p.window != noLimit && r.ObservationEnd != nil && p.order == ordered && !p.totals && len(p.exclusions) == 0 && !p.hold
	if r.ObservationEnd != nil {
		c.views.end = *r.ObservationEnd
	}
	return c
}

func parseConditions(alternatives [][]Condition) [][]parsed {
	var out [][]parsed
	for _, all := range alternatives {
		ps := []parsed{}
		for _, c := range all {
			p := parsed{op: c.Op, want: parseValue(c.Value)}
			if f := fieldOf(c.Field); f.Prop != "" {
				p.prop = f.Prop
			}
			ps = append(ps, p)
		}
		out = append(out, ps)
	}
	return out
}

func matches(alternatives [][]parsed, e *Event) bool {
	return slices.ContainsFunc(alternatives, func(all []parsed) bool {
		return !slices.ContainsFunc(all, func(c parsed) bool {
			v := text(e.Name)
			if c.prop != "" {
				v = parseValue(e.Props[c.prop])
			}
			return !holds(c.op, v, c.want)
		})
	})
}

// count takes the sorted events of one person.
func (c *counter) count(events []Event) error {
	c.person = events[0].Person
	e := c.views.e
	e.reset()
	for i := range events {
		ev := &events[i]
		if end := c.r.ObservationEnd; end != nil && ev.TS > *end {
			continue
		}
		e.ts, e.class = append(e.ts, ev.TS), append(e.class, c.classOf(ev))
		if len(c.r.HoldConstant) > 0 {
			e.lane = append(e.lane, c.laneOf(ev))
		}
		if b := c.r.Breakdown; b != nil {
			e.value = append(e.value, c.texts.id(parseValue(ev.Props[fieldOf(b.Property).Prop]).text))
		}
	}
	return c.views.person()
}

func (c *counter) classOf(ev *Event) int32 {
	p := c.views.p
	cl := class{steps: make([]uint64, p.words), excl: make([]uint64, (len(p.exclusions)+63)/64)}
	for s := range c.steps {
		if matches(c.steps[s], ev) {
			setBit(cl.steps, s)
		}
	}
	for x := range c.excl {
		if matches(c.excl[x], ev) {
			setBit(cl.excl, x)
		}
	}
	key := fmt.Sprint(cl.steps, cl.excl)
	id, ok := c.seen[key]
	if !ok {
		id = int32(len(c.views.e.classes))
		c.seen[key] = id
		c.views.e.classes = append(c.views.e.classes, cl)
	}
	return id
}

// laneOf numbers the tuple of held values with their JSON types; −1 if one is missing.
func (c *counter) laneOf(ev *Event) int32 {
	key := ""
	for _, h := range c.r.HoldConstant {
		v := parseValue(ev.Props[fieldOf(h).Prop])
		if v.kind == missing {
			return -1
		}
		key += fmt.Sprintf("%d:%d:%s", v.kind, len(v.text), v.text)
	}
	id, ok := c.lanes[key]
	if !ok {
		id = int32(len(c.lanes))
		c.lanes[key] = id
	}
	return id
}

// finish writes the tally into the answer.
func (c *counter) finish(out *Counted, open []string) error {
	t, p := c.views.t, c.views.p
	out.StepCounts = persons(t.steps)
	if p.optional {
		out.Optional = map[string]int64{}
		for i, s := range t.steps {
			if p.steps[i].optional {
				out.Optional[c.r.stepName(i)] = s.persons
			}
		}
	}
	out.TimeToConvert = map[string]Durations{}
	values := map[string][]int64{"total": t.total}
	for i, d := range t.durations {
		values[fmt.Sprint(i+1)] = d
	}
	for key, times := range t.convertTimes(1) {
		out.TimeToConvert[key] = Durations{times, values[key]}
	}
	if p.attribution != "" {
		out.Breakdown = map[string][]int64{}
		for key, g := range t.groups {
			if g[0].persons > 0 {
				out.Breakdown[key] = persons(g)
			}
		}
	}
	if c.views.buckets != nil {
		out.Trend = map[string]TrendCounts{}
		for key, b := range t.trend {
			out.Trend[key] = TrendCounts{b.entered, b.converted}
		}
	}
	if !c.views.censor {
		return nil
	}
	out.Censoring = &CensoringCounts{
		Naive: TrendCounts{t.cens.entered, t.cens.converted}, Matured: TrendCounts{t.cens.matured, t.cens.maturedIn}, OpenPersons: open,
	}
	curve, ok, err := t.cens.curve(p.window)
	if ok {
		out.Censoring.Survival = survivalAt(curve, 0.95)
	}
	return err
}

func persons(steps []stepTally) []int64 {
	out := make([]int64, len(steps))
	for i, s := range steps {
		out[i] = s.persons
	}
	return out
}
