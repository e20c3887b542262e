package demo

import (
	"math"
	"time"

	"vouch/referral"
)

// costLine is one line of costs.csv.
type costLine struct {
	partner, campaign string
	day               time.Time // local midnight
	kind              referral.CostKind
	minor             int64
	currency          string
}

// usualPersons is the size for which the fixed costs are written; other sizes pay in proportion, so
// that a larger demo is not a cheaper programme.
const usualPersons = 20_000

// costs draws up what the programme paid: by the week what follows sales, by the month and quarter
// what was agreed.
func (b *book) costs(persons int) []costLine {
	var out []costLine
	scale := math.Max(0.05, float64(persons)/usualPersons)
	for i := range b.w.partners {
		p := &b.w.partners[i]
		line := func(day time.Time, kind referral.CostKind, cents int64) {
			if cents <= 0 || !day.Before(b.w.cal.end) {
				return
			}
			l := costLine{partner: p.id, day: day, kind: kind, minor: cents, currency: home}
			if p.region.currency == "USD" { // partners there send invoices in dollars
				l.currency, l.minor = "USD", int64(math.Round(float64(cents)/tariffOf("USD").base))
			}
			out = append(out, l)
		}
		b.weeklyCosts(p, line)
		b.fixedCosts(p, scale, line)
	}
	for m := b.w.cal.start; m.Before(b.w.cal.end); m = m.AddDate(0, 1, 0) {
		out = append(out, costLine{day: m.AddDate(0, 0, 2), kind: referral.CostTooling, minor: int64(40_000 * scale), currency: home})
	}
	out = append(out, costLine{campaign: "spring", day: b.w.cal.date("2026-03-20"), kind: referral.CostCoMarketing, minor: int64(120_000 * scale), currency: home})
	return out
}

// weeklyCosts are commissions, rewards and discounts: booked on the last day of the week, in the
// last week on the last day there is.
func (b *book) weeklyCosts(p *partner, line func(time.Time, referral.CostKind, int64)) {
	for week := range (b.w.cal.days + 6) / 7 {
		s := b.weekly[weekKey{p.index, week}]
		if s == nil {
			continue
		}
		day := b.w.cal.day(min(week*7+6, b.w.cal.days-1))
		line(day, referral.CostCommission, (max(0, s.net)*p.deal.commissionMicros+500_000)/1_000_000)
		line(day, referral.CostReward, s.paying*p.deal.reward+s.tenPaid*rewardCents)
		line(day, referral.CostDiscount, s.paying*p.deal.discount)
	}
}

// rewardCents is the ten euros of the experiment.
const rewardCents = 1000

// bonusFrom is the number of customers in a quarter that earns a bonus at the usual size.
const bonusFrom = 8

// fixedCosts are retainers and tools by the month, co-marketing and bonuses by the quarter.
func (b *book) fixedCosts(p *partner, scale float64, line func(time.Time, referral.CostKind, int64)) {
	part := func(cents int64) int64 { return int64(math.Round(float64(cents) * scale)) }
	for i, m := 0, b.w.cal.start; m.Before(b.w.cal.end); i, m = i+1, m.AddDate(0, 1, 0) {
		day := b.w.cal.dayIndex(m)
		if day+27 < p.from || day >= p.to {
			continue
		}
		line(m, referral.CostFixed, part(p.deal.retainer))
		line(m, referral.CostTooling, part(p.deal.tooling))
		if i%3 == 1 {
			line(m.AddDate(0, 0, 9), referral.CostCoMarketing, part(p.deal.coMarketing))
			won := int64(0)
			for week := max(0, day/7-12); week <= day/7; week++ {
				if s := b.weekly[weekKey{p.index, week}]; s != nil {
					won += s.paying
				}
			}
			if float64(won) >= bonusFrom*scale && won > 0 {
				line(m.AddDate(0, 0, 14), referral.CostBonus, part(p.deal.bonus))
			}
		}
	}
}
