package demo

import (
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"vouch/referral"
)

// writeTables writes the files about partners, money and plans. They are small: one row per partner,
// step, day or cost line.
func (b *book) writeTables(dir string) error {
	at := func(name string) string { return filepath.Join(dir, "data", name) }
	for _, t := range []struct {
		name   string
		header []string
		rows   [][]string
	}{
		{"partners.csv", []string{"ref", "company", "type", "tier", "industry", "region", "audience", "joined_at", "left_at", "owner", "email"}, b.partnerRows()},
		{"onboarding.csv", []string{"partner_id", "step", "done_at"}, b.onboardingRows()},
		{"service.csv", []string{"partner_id", "opened_at", "first_response_at", "resolved_at", "kind", "rating"}, b.serviceRows()},
		{"contacts.csv", []string{"partner_id", "at", "kind", "owner"}, b.contactRows()},
		{"rates.csv", []string{"day", "from_currency", "to_currency", "rate"}, b.rateRows()},
		{"targets.csv", []string{"metric", "period", "partner_id", "value"}, targetRows},
	} {
		if err := writeAll(at(t.name), t.header, t.rows); err != nil {
			return err
		}
	}
	return nil
}

// partnerTypes are the words of the partner list; vouch.yaml maps them to the archetypes.
var partnerTypes = map[referral.Archetype]string{
	referral.Reseller: "Reseller", referral.Influencer: "Creator", referral.Consultant: "Agency",
	referral.Integration: "Technology", referral.Customer: "Customer", referral.Ally: "Association", referral.Other: "Other",
}

// stamp writes a time, and nothing for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(isoTime)
}

func (b *book) partnerRows() [][]string {
	var out [][]string
	for i := range b.w.partners {
		p := &b.w.partners[i]
		out = append(out, []string{
			p.id, p.name, partnerTypes[p.archetype], p.tier, p.industry, p.region.name, p.audience,
			stamp(p.joined), stamp(p.left), p.owner, fmt.Sprintf("partner%03d@example.com", p.index+1),
		})
	}
	return out
}

// onboardingRows are the steps each partner took. The last two are what its events say, so a partner
// that never sold stays at first_referral.
func (b *book) onboardingRows() [][]string {
	var out [][]string
	for i := range b.w.partners {
		p := &b.w.partners[i]
		s := newStream(b.w.seed, kindPartner+"/onboarding", i)
		applied := p.joined.Add(-time.Duration(s.between(4, 30)*24) * time.Hour)
		approved := applied.Add(time.Duration(s.between(1, 3)*24) * time.Hour)
		done := []time.Time{applied, approved, p.joined, {}, {}}
		if f := b.first[p.id]; f != nil {
			done[3], done[4] = f.invite, f.customer
		}
		for k, step := range onboardSteps {
			if !done[k].IsZero() {
				out = append(out, []string{p.id, step, stamp(done[k])})
			}
		}
	}
	return out
}

func (b *book) serviceRows() [][]string {
	var out [][]string
	for i := range b.w.partners {
		p := &b.w.partners[i]
		s := newStream(b.w.seed, kindService, i)
		for range s.between(0, 8) {
			opened := b.w.cal.within(s, p.from, p.to)
			first := after(opened, 600+s.expo(9*hour, 4*dayLen))
			solved := after(first, s.expo(30*hour, 14*dayLen))
			answered, resolved, rates, rating := s.chance(0.95), s.chance(0.9), s.chance(0.6), strconv.Itoa(5-s.pick(5, 3, 1, 1, 0.5))
			row := []string{p.id, stamp(opened), "", "", choose(s, requestKinds), ""}
			if answered && first.Before(b.w.cal.end) {
				row[2] = stamp(first)
				if resolved && solved.Before(b.w.cal.end) {
					row[3] = stamp(solved)
					if rates {
						row[5] = rating
					}
				}
			}
			out = append(out, row)
		}
	}
	return out
}

func (b *book) contactRows() [][]string {
	var out [][]string
	for i := range b.w.partners {
		p := &b.w.partners[i]
		s := newStream(b.w.seed, kindService+"/contacts", i)
		for range s.between(0, 10) {
			out = append(out, []string{p.id, stamp(b.w.cal.within(s, p.from, p.to)), choose(s, contactKinds), p.owner})
		}
	}
	return out
}

func (b *book) rateRows() [][]string {
	var out [][]string
	for d := -rateLead; d < b.w.cal.days; d++ {
		for _, t := range tariffs {
			if r := b.w.rates.byDay[t.currency]; r != nil && r[d+rateLead] != 0 {
				out = append(out, []string{b.w.cal.day(d).Format(time.DateOnly), t.currency, home, decimals(r[d+rateLead])})
			}
		}
	}
	return out
}

// targetRows are the goals of the programme at the usual size: money in euros.
var targetRows = [][]string{
	{"customers", "2026-11", "", "220"},
	{"customers", "2026-Q4", "", "640"},
	{"cpa", "2026-Q4", "", "60"},
	{"revenue", "2026-Q4", "", "240000"},
	{"roi", "2026", "", "2.5"},
}

// costRows are the cost lines with major decimals.
func costRows(lines []costLine) [][]string {
	var out [][]string
	for _, l := range lines {
		out = append(out, []string{
			l.partner, l.campaign, l.day.Format(time.DateOnly), string(l.kind),
			referral.Money{Minor: l.minor, Currency: l.currency}.Decimal(), l.currency,
		})
	}
	return out
}
