package demo

import (
	"fmt"
	"math"
	"time"

	"vouch/referral"
)

// Roles of single partners, by index. They need at least this many partners to exist.
const (
	zeroPartner = 7  // clicks and costs, never a customer
	ringPartner = 11 // a fraud ring uses its link
	minPartners = 14 // all roles, the hostile name and every archetype
)

// partner is a partner with the truth about it.
type partner struct {
	index     int
	id, name  string
	archetype referral.Archetype
	tier      string
	industry  string
	audience  string
	owner     string
	region    region
	joined    time.Time
	left      time.Time // zero: still in the programme
	from, to  int       // days of the period on which its referrers start, from ≤ day < to
	weight    float64   // how many referrers it brings, relative to others

	click  float64 // P(click | invited)
	signup float64 // P(sign-up | clicked)
	buy    float64 // P(purchase | signed up), mean over referrers
	sticky float64 // share of customers who rarely leave
	refund float64 // P(first purchase is refunded)

	deal deal
}

// deal is what a partner costs. Amounts are cents of the project's currency at the default size.
type deal struct {
	commissionMicros int64 // share of net revenue, in millionths
	reward           int64 // per paying invitee
	discount         int64 // per paying invitee, off its first invoice
	retainer         int64 // each month
	coMarketing      int64 // each quarter
	tooling          int64 // each month
	bonus            int64 // each quarter with enough customers
}

// trait is how an archetype differs from the others.
type trait struct {
	weight              float64
	click, signup, buy  float64 // on the logit scale
	sticky, refundShare float64
	deal                deal
}

var traits = map[referral.Archetype]trait{
	referral.Reseller:    {1.2, 0, 0.1, 0.15, 0.2, 0.03, deal{commissionMicros: 200_000, bonus: 40_000}},
	referral.Influencer:  {2.0, 0.3, -0.35, -0.7, -0.8, 0.10, deal{commissionMicros: 100_000, retainer: 90_000, discount: 500}},
	referral.Consultant:  {0.6, 0.1, 0.3, 0.4, 0.6, 0.02, deal{commissionMicros: 150_000, bonus: 30_000}},
	referral.Integration: {0.8, 0, 0.2, 0.1, 0.9, 0.02, deal{commissionMicros: 50_000, tooling: 12_000}},
	referral.Customer:    {1.4, 0.2, 0.15, 0.2, 0.3, 0.04, deal{reward: 1000, discount: 500}},
	referral.Ally:        {0.7, -0.1, 0, 0, 0.4, 0.04, deal{coMarketing: 80_000}},
	referral.Other:       {0.5, -0.2, -0.1, -0.2, 0, 0.06, deal{commissionMicros: 100_000, retainer: 15_000}},
}

// Means of the programme, before archetype and partner.
const (
	meanClick  = 0.55
	meanSignup = 0.55
	meanBuy    = 0.34
	mostBuy    = 0.36 // times the largest referrer effect and lift it stays a probability
)

// newPartner draws one partner from its own stream.
func newPartner(seed uint64, index int, c calendar) partner {
	s := newStream(seed, kindPartner, index)
	kinds := referral.Archetypes()
	p := partner{index: index, id: fmt.Sprintf("P%03d", index+1), name: partnerName(index), archetype: kinds[index%len(kinds)]}
	tr := traits[p.archetype]
	p.industry, p.audience, p.owner = choose(s, industries), choose(s, audiences), choose(s, owners)
	var shares []float64
	for _, r := range regions {
		shares = append(shares, r.share)
	}
	p.region = regions[s.pick(shares...)]
	if fixed, ok := map[int]int{0: 0, 3: 3, 4: 2, 5: 4, 9: 5}[index]; ok {
		p.region = regions[fixed] // every currency exists from the smallest demo on
	}
	quality := s.NormFloat64()
	p.click = logistic(logit(meanClick) + tr.click + 0.15*quality + 0.2*s.NormFloat64())
	p.signup = logistic(logit(meanSignup) + tr.signup + 0.2*quality + 0.2*s.NormFloat64())
	p.buy = math.Min(mostBuy, logistic(logit(meanBuy)+tr.buy+0.4*quality+0.2*s.NormFloat64()))
	p.sticky = logistic(0.8 + tr.sticky + 0.3*quality + 0.3*s.NormFloat64())
	p.refund = math.Min(0.3, tr.refundShare*math.Exp(-0.3*quality))
	p.weight = tr.weight * math.Exp(0.6*s.NormFloat64())
	p.term(s, c)
	p.deal = tr.deal
	p.tier = []string{"bronze", "silver", "gold"}[s.pick(3, 2+quality/2, math.Max(0.2, 1+quality))]
	if index == zeroPartner {
		p.buy, p.weight = 0, 0.8
		p.deal = deal{retainer: 60_000, coMarketing: 50_000}
	}
	return p
}

// term draws when the partner was in the programme: two thirds were before the period, some leave.
func (p *partner) term(s stream, c calendar) {
	before, early, late := s.chance(0.66), s.between(20, 700), s.between(0, 240)
	leaves, stay := s.chance(0.12), s.between(90, 200)
	join := late
	if before {
		join = -early
	}
	p.joined = c.day(join).Add(10 * time.Hour).UTC()
	p.from, p.to = max(0, join), c.days
	if leaves && p.from+stay < c.days {
		p.to = p.from + stay
		p.left = c.day(p.to).UTC()
	}
}

// world is everything that does not depend on the number of persons.
type world struct {
	seed     uint64
	cal      calendar
	rates    rateTable
	partners []partner
}

func newWorld(seed uint64, partners int) (*world, error) {
	c, err := newCalendar()
	if err != nil {
		return nil, err
	}
	w := &world{seed: seed, cal: c, rates: newRates(seed, c)}
	for i := range partners {
		w.partners = append(w.partners, newPartner(seed, i, c))
	}
	return w, nil
}

// partnerOf picks the partner of an entity with probability in proportion to the weights, by
// weighted rendezvous hashing: the highest −weight/ln(u) wins, u uniform and fixed for the pair. A
// partner added later only wins those it now scores highest for.
func (w *world) partnerOf(kind string, id int, allowed func(*partner) bool) *partner {
	var best *partner
	score := math.Inf(-1)
	for i := range w.partners {
		p := &w.partners[i]
		if allowed != nil && !allowed(p) {
			continue
		}
		u := (float64(hash(w.seed, kind+"/partner", uint64(id), uint64(i))>>11) + 0.5) / (1 << 53)
		if v := -p.weight / math.Log(u); v > score {
			best, score = p, v
		}
	}
	return best
}
