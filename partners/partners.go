package partners

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"

	"vouch/cohorts"
	"vouch/internal/engine"
	"vouch/referral"
)

// paybackHorizon is the last age in months at which payback is looked for: three years.
const paybackHorizon = 36

// Compute returns what every partner cost and earned up to scope.AsOf, under the credit that filled
// the table acquisitions (credit only names it). It runs a dozen statements whatever the number of
// partners. The rows are checked against the sums of the sources; see the package comment.
func Compute(ctx context.Context, db engine.DB, scope referral.Scope, credit string) (Result, error) {
	r := &reader{db: db, params: newParams(db.Dialect(), scope)}
	if err := r.all(ctx); err != nil {
		return Result{}, fmt.Errorf("partners: %w", err)
	}
	curves, err := curvesOf(ctx, db, scope)
	if err != nil {
		return Result{}, fmt.Errorf("partners: %w", err)
	}
	b := builder{scope: scope, curves: curves, costs: r.hasCosts()}
	res := Result{
		Currency: scope.Currency, Margin: referral.Micros(scope.MarginMicros).String(), Credit: credit,
		Partners: []Row{}, To: dateText(cohorts.LocalDay(scope.Calendar, scope.AsOf) - 1),
	}
	if day, ok := r.totals.firstDay(); ok {
		res.From = dateText(day)
	}
	whole := r.sum()
	if err := reconcile(whole, r.totals); err != nil {
		return Result{}, err
	}
	if res.Totals, err = b.totals(whole, r.totals.persons); err != nil {
		return Result{}, fmt.Errorf("partners: %w", err)
	}
	if res.Programme, err = b.programme(r); err != nil {
		return Result{}, fmt.Errorf("partners: %w", err)
	}
	for _, id := range r.ids() {
		row, err := b.row(id, r.lines[id])
		if err != nil {
			return Result{}, fmt.Errorf("partners: %w", err)
		}
		res.Partners = append(res.Partners, row)
	}
	if res.Series, err = series(ctx, db, r.params, scope); err != nil {
		return Result{}, fmt.Errorf("partners: %w", err)
	}
	res.Findings = referral.SortFindings(findings(r, res))
	return res, nil
}

// ids lists the partners in order of their id, the row of no partner last if it holds anything.
func (r *reader) ids() []string {
	var out []string
	for id := range r.lines {
		if id != "" {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	if l := r.lines[""]; l.persons != 0 || l.micro != 0 || l.costLines != 0 || l.revenue().Sign() != 0 {
		out = append(out, "")
	}
	return out
}

// hasCosts reports whether any cost is known. Without a single cost line nothing was free: the costs
// were not loaded.
func (r *reader) hasCosts() bool {
	for _, l := range r.lines {
		if l.costLines > 0 {
			return true
		}
	}
	return false
}

// revenue is all net revenue of a line.
func (l *ledgerLine) revenue() *big.Int {
	n := new(big.Int).Add(l.value, l.loose)
	return n.Add(n, l.aggregateRevenue)
}

// acquisitions is all credit of a line in millionths.
func (l *ledgerLine) acquisitions() *big.Int {
	n := new(big.Int).Mul(l.conversions, big.NewInt(referral.MicroScale))
	return n.Add(n, big.NewInt(l.micro))
}

// sum adds up all lines.
func (r *reader) sum() *ledgerLine {
	t := newLine()
	for _, l := range r.lines {
		t.add(l)
	}
	return t
}

// add adds the credit, money and costs of another line.
func (l *ledgerLine) add(o *ledgerLine) {
	l.micro += o.micro
	l.customers += o.customers
	l.fractional = l.fractional || o.fractional
	for _, p := range [][2]*big.Int{
		{l.value, o.value},
		{l.squares, o.squares},
		{l.loose, o.loose},
		{l.cost, o.cost},
		{l.conversions, o.conversions},
		{l.aggregateRevenue, o.aggregateRevenue},
	} {
		p[0].Add(p[0], p[1])
	}
}

// reconcile compares the sum of the rows with the sums of the sources.
func reconcile(rows *ledgerLine, t totals) error {
	for _, c := range []struct {
		what        string
		rows, total *big.Int
	}{
		{"customers (millionths)", big.NewInt(rows.micro), new(big.Int).Mul(big.NewInt(t.customers), big.NewInt(referral.MicroScale))},
		{"conversions of aggregates", rows.conversions, t.conversions},
		{"cost", rows.cost, t.cost},
		{"revenue of events", new(big.Int).Add(rows.value, rows.loose), t.eventRevenue},
		{"revenue of aggregates", rows.aggregateRevenue, t.aggregated},
	} {
		if c.rows.Cmp(c.total) != 0 {
			return fmt.Errorf("partners do not add up: %s %s in the rows, %s in the sources (is the credit of this as-of computed?)", c.what, c.rows, c.total)
		}
	}
	return nil
}

// curve is cumulative contribution per customer by whole months of age.
type curve struct{ values []float64 }

// curvesOf reads the observed lifetime value of each partner's customers by month of age.
func curvesOf(ctx context.Context, db engine.DB, scope referral.Scope) (map[string]curve, error) {
	def := cohorts.Definition{Name: "payback", By: referral.Month, Age: referral.Month, Horizon: paybackHorizon, Group: "partner_id"}
	res, err := cohorts.Compute(ctx, db, def, scope)
	if err != nil {
		return nil, err
	}
	out := map[string]curve{}
	sums, customers := map[int]float64{}, map[int]float64{}
	for _, l := range res.LTV {
		c := out[l.Key]
		if l.Value.Value != nil && len(c.values) == l.Age {
			c.values = append(c.values, *l.Value.Value)
		}
		out[l.Key] = c
		if l.Key != "" && l.Key != cohorts.NoGroup && l.Value.Value != nil {
			sums[l.Age] += *l.Value.Value * float64(l.Customers)
			customers[l.Age] += float64(l.Customers)
		}
	}
	// Equal ages are complete for the same cohorts in every group, so the means of the partners weighted
	// by their customers are the mean of all referred customers.
	var c curve
	for customers[len(c.values)] > 0 {
		age := len(c.values)
		c.values = append(c.values, sums[age]/customers[age])
	}
	out[referredCurve] = c
	return out, nil
}

// referredCurve is the key of the customers of all partners; no id begins with a NUL.
const referredCurve = "\x00referred"

// builder finishes lines into rows.
type builder struct {
	scope  referral.Scope
	curves map[string]curve
	costs  bool // some cost is known
	// programmeLTV is the upper limit of total contribution per customer over all, once known.
	programmeLTV *float64
}

// totals is the row of the whole programme.
func (b *builder) totals(l *ledgerLine, persons int64) (Row, error) {
	l.persons = persons
	row, err := b.finish(l, b.curves[""])
	if err != nil || row.Acquisitions == 0 {
		return row, err
	}
	_, _, hi, err := b.money(l).contribution(b.scope.Confidence)
	b.programmeLTV = referral.Float(hi * referral.MicroScale / float64(row.Acquisitions))
	return row, err
}

// programme is the row of all partners together: their customers and revenue against every cost, also
// those of no single partner. nil without partners.
func (b *builder) programme(r *reader) (*Row, error) {
	sum := newLine()
	partners := 0
	for id, l := range r.lines {
		if id == "" {
			sum.cost.Add(sum.cost, l.cost)
			continue
		}
		partners++
		sum.persons += l.persons
		sum.add(l)
	}
	if partners == 0 {
		return nil, nil
	}
	row, err := b.finish(sum, b.curves[referredCurve])
	if err != nil {
		return nil, err
	}
	row.Name = "Programme"
	return &row, nil
}

// row finishes one partner, or the row of no partner when id is empty.
func (b *builder) row(id string, l *ledgerLine) (Row, error) {
	key := id
	if id == "" {
		key = cohorts.NoGroup
	}
	row, err := b.finish(l, b.curves[key])
	if err != nil {
		return row, err
	}
	row.PartnerID, row.Name, row.Archetype, row.Tier, row.Region, row.Industry = id, l.name, l.archetype, l.tier, l.region, l.industry
	if l.left.Valid {
		row.LeftAt = time.UnixMicro(l.left.V).In(b.scope.Calendar.Zone).Format(time.DateOnly)
	}
	if id != "" {
		if row.Name == "" {
			row.Name = id
		}
		row.Action, row.Reason, err = b.judge(row, l, b.curves[key])
		return row, err
	}
	row.Name = "No partner"
	for _, e := range []*referral.Estimate{&row.CPA, &row.ROI, &row.LTVToCAC, &row.PaybackMonths} {
		*e = referral.Undefined(reasonUnassigned, e.Method, e.Confidence)
	}
	return row, nil
}

func (b *builder) money(l *ledgerLine) money {
	return money{
		sum: new(big.Int).Add(l.value, l.loose), squares: l.squares, marginMicros: b.scope.MarginMicros, customersMicro: l.micro,
		conversionMicros: new(big.Int).Mul(l.conversions, big.NewInt(referral.MicroScale)).Int64(), aggregated: l.aggregateRevenue,
	}
}

func (b *builder) finish(l *ledgerLine, c curve) (Row, error) {
	row := Row{Persons: l.persons, Acquisitions: Micro(l.acquisitions().Int64()), CostMinor: l.cost.Int64(), RevenueMinor: l.revenue().Int64()}
	for _, n := range []*big.Int{l.acquisitions(), l.cost, l.revenue()} {
		if !n.IsInt64() {
			return row, fmt.Errorf("%s does not fit 64 bits", n)
		}
	}
	var err error
	level := b.scope.Confidence
	if row.CPA, err = CPA(row.CostMinor, int64(row.Acquisitions), level); err != nil {
		return row, err
	}
	m := b.money(l)
	if row.ROI, err = m.perCost(row.CostMinor, -1, level); err != nil {
		return row, err
	}
	if row.LTVToCAC, err = m.perCost(row.CostMinor, 0, level); err != nil {
		return row, err
	}
	if row.Acquisitions == 0 {
		row.LTVToCAC = referral.Undefined(referral.ReasonNoAcquisitions, row.LTVToCAC.Method, level)
	}
	if !b.costs {
		for _, e := range []*referral.Estimate{&row.CPA, &row.ROI, &row.LTVToCAC} {
			*e = referral.Undefined(reasonNoCosts, e.Method, level)
		}
	}
	if row.LTV, err = b.ltv(l); err != nil {
		return row, err
	}
	row.PaybackMonths, err = payback(row.CPA, c, level)
	return row, err
}

// ltv is the contribution per credited customer to date. The interval needs the values of single
// customers, each credited as a whole; else the ratio of the sums stands without one.
func (b *builder) ltv(l *ledgerLine) (referral.Estimate, error) {
	level := b.scope.Confidence
	n := l.acquisitions()
	if n.Sign() == 0 {
		return referral.Undefined(referral.ReasonNoAcquisitions, referral.MethodStudent, level), nil
	}
	if !l.fractional && l.conversions.Sign() == 0 && l.loose.Sign() == 0 {
		return cohorts.ContributionPerCustomer(l.customers, l.value, l.squares, b.scope.MarginMicros, level)
	}
	m := b.money(l)
	value := float(l.revenue()) * float64(b.scope.MarginMicros) / float(n)
	return referral.Estimate{
		Value: referral.Float(value), Confidence: level, Method: referral.MethodRatioOfSums, Numerator: m.numerator(),
		Denominator: referral.Micros(n.Int64()), Reason: reasonNoSpread,
	}, nil
}

// reasonNoSpread says that an interval is absent because the values of single customers are unknown.
const reasonNoSpread = "single_values_unknown"

// payback returns the number of months until cumulative contribution per customer covers the CPA,
// over the ages that are complete; its limits are those at the limits of the CPA.
func payback(cpa referral.Estimate, c curve, level float64) (referral.Estimate, error) {
	const method = referral.MethodFirstCrossing
	e := referral.Undefined(referral.ReasonNotYet, method, level)
	if cpa.Value == nil {
		e.Reason = cpa.Reason
		return e, nil
	}
	if len(c.values) == 0 {
		return e, nil
	}
	steps := make([]float64, len(c.values))
	for i, v := range c.values {
		steps[i] = v
		if i > 0 {
			steps[i] -= c.values[i-1]
		}
	}
	at := func(cost *float64) (*float64, string, error) {
		if cost == nil {
			return nil, "", nil
		}
		p, err := cohorts.PaybackOf(math.Max(0, *cost), steps, 0)
		if err != nil || p.Periods == nil {
			return nil, p.Reason, err
		}
		return referral.Float(float64(*p.Periods)), "", nil
	}
	var err error
	if e.Value, e.Reason, err = at(cpa.Value); err != nil {
		return e, err
	}
	if e.Lo, _, err = at(cpa.Lo); err != nil {
		return e, err
	}
	e.Hi, _, err = at(cpa.Hi)
	return e, err
}

// judge applies the rules to a finished row.
func (b *builder) judge(row Row, l *ledgerLine, c curve) (action, reason string, err error) {
	value, lo, hi, err := b.money(l).contribution(b.scope.Confidence)
	if err != nil {
		return "", "", err
	}
	months := len(c.values)
	if l.conversions.Sign() > 0 {
		months = minMonths // pre-aggregated results tell no ages, so youth is no excuse
	}
	action, reason = act(row, evidence{months: months, programmeLTV: b.programmeLTV, contribution: value, lo: lo, hi: hi, currency: b.scope.Currency})
	return action, reason, nil
}

// round is to whole minor units for sentences, ties away from zero.
func round(x float64) int64 { return int64(math.Round(x)) }
