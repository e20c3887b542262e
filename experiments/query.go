package experiments

import (
	"fmt"
	"slices"

	"vouch/internal/sqltext"
	"vouch/referral"
)

// query is the question of the read-out: which columns say what of which metric.
type query struct {
	*question
	Counted []string // tallies that are summed over units
	Caps    []*limit
	Largest []string
	Sums    []sum

	early   string
	metrics []queryMetric
}

// queryMetric names the columns of one metric.
type queryMetric struct {
	level     int
	variables []string // y, z, y₀, z₀ as in a joint
	uncapped  []string // y, y₀ where there is a cap
	valueless []string
	limit     *limit
	largest   string // column of the denominator of a ratio, of the value of a mean
}

// sum is one aggregate of the statement: of a variable of the units, or of the product of two.
type sum struct{ Name, First, Second string }

// limit is the cap of one metric.
type limit struct {
	Column, Of             string
	At                     int64
	Quantile               bool
	Level                  int
	Numerator, Denominator int64
	Pairs                  []pair
}

// pair is a variable and its capped double.
type pair struct {
	Of, Column string
	Cap        *limit
}

// ask compiles the read-out of a definition.
func (d Definition) ask(scope referral.Scope) (*query, error) {
	q, err := d.question(scope)
	if err != nil {
		return nil, err
	}
	a := &query{question: q}
	for _, m := range d.Metrics {
		x, err := a.metric(d, m)
		if err != nil {
			return nil, err
		}
		a.metrics = append(a.metrics, x)
	}
	t := q.tally(tally{Of: "early", Before: true, Any: q.Selectors, Kept: true})
	a.early = t.Column
	a.Early, a.Before = true, -int64(d.Cuped.Before)
	a.Counted = append(a.Counted, t.Column)
	a.money(d)
	for _, x := range a.metrics {
		a.sum(x.variables)
		a.sum(x.uncapped)
	}
	a.sum(q.Money.Variables)
	a.Latest = latest(d)
	return a, nil
}

// latest is the age at which the longest window ends; 0 if one of them does not.
func latest(d Definition) int64 {
	ws := d.windows()
	if d.Window == 0 || slices.ContainsFunc(d.Metrics, func(m Metric) bool { return d.window(m) == 0 }) || len(ws) == 0 {
		return 0
	}
	return int64(ws[len(ws)-1])
}

func (a *query) metric(d Definition, m Metric) (queryMetric, error) {
	w := d.window(m)
	x := queryMetric{level: a.level(w)}
	num, err := a.selector(m.Event, m.Where)
	if err != nil {
		return x, err
	}
	after := tally{Selector: num, To: int64(w)}
	before := tally{Selector: num, Before: true, From: -int64(d.Cuped.Before)}
	x.variables = append(x.variables, a.part(m.variableKind(), after))
	if m.isAmount() {
		x.valueless = append(x.valueless, a.valueless(after))
	}
	var den *selector
	if m.Kind == KindRatio {
		if den, err = a.selector(m.Per.Event, m.Per.Where); err != nil {
			return x, err
		}
		per := tally{Selector: den, To: int64(w)}
		x.variables = append(x.variables, a.part(m.Per.kind(), per))
		if m.Per.kind() == "amount" && !(den == num && m.isAmount()) {
			x.valueless = append(x.valueless, a.valueless(per))
		}
	}
	if d.Cuped.Before > 0 && m.hasCovariate() {
		x.variables = append(x.variables, a.part(m.variableKind(), before))
		if den != nil {
			before.Selector = den
			x.variables = append(x.variables, a.part(m.Per.kind(), before))
		}
	}
	if m.Cap != nil {
		a.cap(&x, m)
	}
	if i, ok := m.weighed(); ok {
		x.largest = x.variables[i]
		if !slices.Contains(a.Largest, x.largest) {
			a.Largest = append(a.Largest, x.largest)
		}
	}
	return x, nil
}

// hasCovariate reports whether a metric is adjusted by itself from before the exposure.
func (m Metric) hasCovariate() bool {
	return m.Kind == KindProportion || m.Kind == KindMean || m.Kind == KindRatio
}

// valueless adds the count of events without a value.
func (a *query) valueless(t tally) string {
	t.Of, t.Kept = "valueless", true
	c := a.tally(t).Column
	if !slices.Contains(a.Counted, c) {
		a.Counted = append(a.Counted, c)
	}
	return c
}

// cap puts limited doubles in the place of the variables. The covariate is limited at the same value: it is the
// same metric, from before.
func (a *query) cap(x *queryMetric, m Metric) {
	c := &limit{Column: fmt.Sprintf("cap%d", len(a.Caps)), Of: x.variables[0], Level: x.level}
	if m.Cap.At != nil {
		c.At = *m.Cap.At
	} else {
		c.Quantile = true
		c.Numerator, c.Denominator = share(m.Cap.Quantile)
	}
	x.uncapped = x.variables
	x.variables = nil
	for i, v := range x.uncapped {
		p := pair{Of: v, Column: fmt.Sprintf("%s_%d", c.Column, i), Cap: c}
		c.Pairs = append(c.Pairs, p)
		x.variables = append(x.variables, p.Column)
	}
	x.limit = c
	a.Caps = append(a.Caps, c)
}

// money adds what every experiment asks beside its metrics: the value of all events in the window and the
// customers won in it; of partners the commission, which is the only cost that a line of costs ascribes to a unit.
func (a *query) money(d Definition) {
	t := a.tally(tally{Of: "sum", To: int64(d.Window), Kept: false})
	a.Money = &money{Tally: t.Column, To: int64(d.Window)}
	a.Money.Variables = append(a.Money.Variables, a.variable(variable{Kind: "amount", Tally: t.Column}))
	customers := variable{Kind: "customers"}
	if a.Unit == UnitPerson {
		customers = variable{Kind: "acquired", AsOf: a.AsOfMicros, To: int64(d.Window)}
	}
	a.Money.Variables = append(a.Money.Variables, a.variable(customers))
	if a.Unit == UnitPartner {
		a.Money.Variables = append(a.Money.Variables, a.variable(variable{Kind: "commission"}))
	}
}

// sum adds the sums and products of the variables of a joint that are not there yet. The square of an indicator
// is itself.
func (a *query) sum(variables []string) {
	add := func(s sum) {
		if !slices.ContainsFunc(a.Sums, func(o sum) bool { return o.Name == s.Name }) {
			a.Sums = append(a.Sums, s)
		}
	}
	for _, v := range variables {
		add(sum{Name: "sum_" + v, First: v})
	}
	for i, v := range variables {
		for _, w := range variables[i:] {
			if name := a.product(v, w); name != "sum_"+v {
				add(sum{Name: name, First: v, Second: w})
			}
		}
	}
}

// product is the column of the sum of products of two variables.
func (a *query) product(v, w string) string {
	if v == w && a.isIndicator(v) {
		return "sum_" + v
	}
	return "sum_" + min(v, w) + "_" + max(v, w)
}

func (a *query) isIndicator(column string) bool {
	return slices.ContainsFunc(a.Variables, func(v *variable) bool {
		return v.Column == column && (v.Kind == "indicator" || v.Kind == "acquired")
	})
}

// Statements returns the SQL behind the read-out: one statement for all sums, one more where some metric may
// need a distribution, and those of what lies beside the arms.
func Statements(d sqltext.Dialect, def Definition, scope referral.Scope) ([]sqltext.Stmt, error) {
	if err := def.Validate().Err(); err != nil {
		return nil, err
	}
	if def.Source == SourceSummary {
		s, err := statements.Render(d, "summary", def)
		return []sqltext.Stmt{s}, err
	}
	a, err := def.ask(scope)
	if err != nil {
		return nil, err
	}
	s, err := statements.Render(d, "readout", a)
	if err != nil {
		return nil, err
	}
	out := []sqltext.Stmt{s}
	var all []int
	for i, m := range def.Metrics {
		if m.Kind == KindRatio || m.Kind == KindQuantile || def.isTimed(m) {
			all = append(all, i)
		}
	}
	if len(all) > 0 {
		s, _, err := def.spread(d, scope, all, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if s, err = statements.Render(d, "untimed", a); err != nil {
		return nil, err
	}
	out = append(out, s)
	beside, err := def.beside(d, scope)
	return append(out, beside...), err
}
