package demo

import "slices"

// Horizon is the last month of age for which truth.json gives expected values.
const Horizon = 12

// Truth is the content of truth.json: what the data were drawn from and what was drawn. Counts and
// sums are those of the generator's own books and do not come from the engine. Its keys are those
// of docs/json-output.md.
type Truth struct {
	Schema   string `json:"schema"`
	Seed     uint64 `json:"seed"`
	Size     Size   `json:"size"`
	AsOf     string `json:"as_of"`
	Zone     string `json:"zone"`
	Currency string `json:"currency"`
	Margin   string `json:"margin"`

	Rows         Rows                   `json:"rows"`
	Flagged      Flagged                `json:"flagged"`
	Special      map[string]string      `json:"special_partners"`
	Funnels      map[string]Funnel      `json:"funnels"`
	Revenue      Revenue                `json:"revenue"`
	Acquisitions Acquired               `json:"acquisitions"`
	Touches      map[string]int64       `json:"last_click_30d"`
	Credited     map[string]PartnerSums `json:"partners"`
	LTV          LTV                    `json:"ltv"`
	Experiments  map[string]Experiment  `json:"experiments"`
}

// Size is what was asked for.
type Size struct {
	Persons  int `json:"persons"`
	Partners int `json:"partners"`
}

// Rows counts what was written.
type Rows struct {
	BySource   map[string]int64 `json:"by_source"`  // rows of the event files, duplicates too
	Duplicates map[string]int64 `json:"duplicates"` // rows replaced by a later one of the same id
	Excluded   map[string]int64 `json:"excluded"`   // other rows of people kept out, by reason
	Analysed   int64            `json:"analysed"`   // what is left
	Events     map[string]int64 `json:"events"`     // analysed rows by event
	Late       int64            `json:"late"`       // analysed rows that arrived a day late or more
	Persons    int64            `json:"persons"`    // people with an analysed event
}

// Flagged lists the people who are not what they seem, by id.
type Flagged struct {
	Bots          []string `json:"bots"`
	Internal      []string `json:"internal"`
	SelfReferrals []string `json:"self_referrals"`
	FraudRing     []string `json:"fraud_ring"`
}

// Funnel is one funnel of vouch.yaml.
type Funnel struct {
	Steps []FunnelStep `json:"steps"`
	// By holds the funnel of each partner; absent for the journey.
	By map[string][]FunnelStep `json:"by,omitempty"`
}

// FunnelStep is a step: how many reached it, and with which probability somebody who entered does.
// Rate is over everyone, MaturedRate over those whose window is closed; both absent where the world
// has no closed form.
type FunnelStep struct {
	Name        string   `json:"name"`
	Persons     int64    `json:"persons"`
	Rate        *float64 `json:"rate"`
	MaturedRate *float64 `json:"matured_rate"`
}

// Revenue is the money of analysed events.
type Revenue struct {
	ByCurrency map[string]CurrencySums `json:"by_currency"` // as sent, in minor units
	GrossMinor int64                   `json:"gross_minor"` // project currency
	RefundsMin int64                   `json:"refunds_minor"`
	NetMinor   int64                   `json:"net_minor"`
	CostMinor  int64                   `json:"cost_minor"`
	CostByKind map[string]int64        `json:"cost_by_kind"`
}

// CurrencySums is the money in one currency, in its minor units.
type CurrencySums struct {
	GrossMinor   int64 `json:"gross_minor"`
	RefundsMinor int64 `json:"refunds_minor"`
	NetMinor     int64 `json:"net_minor"`
}

// Acquired counts customers.
type Acquired struct {
	Total     int64            `json:"total"`
	Organic   int64            `json:"organic"`    // without any event with a partner
	LastTouch map[string]int64 `json:"last_touch"` // by partner
}

// PartnerSums is what one partner brought, by the last-touch rule; the empty id stands for none.
type PartnerSums struct {
	Acquisitions int64 `json:"acquisitions"`
	RevenueMinor int64 `json:"revenue_minor"` // net, of the customers credited to it
	CostMinor    int64 `json:"cost_minor"`
}

// LTV is the expected contribution of a customer up to each month of age, in minor units.
type LTV struct {
	Months      []int                `json:"months"`
	All         []float64            `json:"all"`
	Organic     []float64            `json:"organic"`
	ByPartner   map[string][]float64 `json:"by_partner"`
	ByArchetype map[string][]float64 `json:"by_archetype"`
	Retention   []float64            `json:"retention"`
}

// Experiment is one experiment with its true effects.
type Experiment struct {
	Unit    string             `json:"unit"`
	Planned map[string]float64 `json:"planned_shares"`
	Shares  map[string]float64 `json:"true_shares"`
	Units   map[string]int64   `json:"units"` // exposed and analysed, seen in one variant
	Both    int64              `json:"two_variant_units"`
	SRM     bool               `json:"srm"`
	Effects map[string]Effect  `json:"metrics"`
}

// Effect is the truth about one metric: the expected mean per unit in each arm. Lift is relative.
type Effect struct {
	Arms   map[string]float64 `json:"arms,omitempty"`
	Effect float64            `json:"effect"`
	Lift   float64            `json:"lift"`
}

// expectedLTV fills the expected values. Those of a partner are the formula's. The pooled ones take,
// at each age, the customers of the calendar months that have lived through it: the customers whom a
// cohort table compares at that age. The fraud ring is among all, with nothing.
func (b *book) expectedLTV() LTV {
	l := LTV{ByPartner: map[string][]float64{}, ByArchetype: map[string][]float64{}}
	all, kept := pool{}, pool{}
	kinds := map[string]*pool{}
	one := func(p *partner) []float64 {
		v := p.expectedValue(Horizon)
		for i := range v {
			v[i] *= margin
		}
		all.add(v, b.won[p.id])
		kept.add(p.expectedRetention(Horizon), b.won[p.id])
		return v
	}
	for i := range b.w.partners {
		p := &b.w.partners[i]
		if len(b.won[p.id]) == 0 {
			continue
		}
		a := string(p.archetype)
		if kinds[a] == nil {
			kinds[a] = &pool{}
		}
		v := one(p)
		l.ByPartner[p.id] = v
		kinds[a].add(v, b.won[p.id])
	}
	l.Organic = one(organicPartner())
	nothing := make([]float64, Horizon+1)
	all.add(nothing, b.ringWon)
	kept.add(nothing, b.ringWon)
	l.All, l.Retention = all.mean(), kept.mean()
	l.Retention[0] = 1 // the ring too was active in the month in which it bought
	for a, k := range kinds {
		l.ByArchetype[a] = k.mean()
	}
	for m := range Horizon + 1 {
		l.Months = append(l.Months, m)
	}
	return l
}

// pool averages expected values over customers.
type pool struct{ sum, n [Horizon + 1]float64 }

// add takes in customers by calendar month, each at the ages that its month has lived through.
func (p *pool) add(values []float64, byMonth map[int]int64) {
	for month := range lastMonth { // in order: sums of floats depend on it
		n := float64(byMonth[month])
		for a := range min(Horizon+1, lastMonth-month) {
			p.sum[a] += values[a] * n
			p.n[a] += n
		}
	}
}

// mean is the average at each age, 0 where nobody has lived through it.
func (p *pool) mean() []float64 {
	out := make([]float64, Horizon+1)
	for a := range out {
		if p.n[a] > 0 {
			out[a] = p.sum[a] / p.n[a]
		}
	}
	return out
}

// lastMonth is the number of the month that is not over at the end, counted from the first.
const lastMonth = 14

// margin is the contribution per unit of revenue, as vouch.yaml has it.
const (
	margin     = 0.8
	marginText = "0.8"
)

// sorted orders ids for the file.
func (f *Flagged) sorted() {
	for _, ids := range []*[]string{&f.Bots, &f.Internal, &f.SelfReferrals, &f.FraudRing} {
		if *ids == nil {
			*ids = []string{}
		}
		slices.Sort(*ids)
	}
}
