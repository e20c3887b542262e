package partners

import (
	"fmt"
	"math/big"
	"slices"

	"vouch/referral"
)

// findings names what a reader of the table must know, partner by partner.
func findings(r *reader, res Result) []referral.Finding {
	var out []referral.Finding
	add := func(code, subject, format string, args ...any) {
		out = append(out, referral.Finding{Code: code, Subject: subject, Detail: fmt.Sprintf(format, args...)})
	}
	amount := func(n *big.Int) string {
		return referral.Money{Minor: n.Int64(), Currency: res.Currency}.String()
	}
	listed := false // without any partners table nothing is unknown
	for _, l := range r.lines {
		listed = listed || l.known
	}
	ids := r.ids()
	slices.Sort(ids)
	for _, id := range ids {
		l := r.lines[id]
		subject := id
		if id == "" {
			subject = "(none)"
			if l.cost.Sign() != 0 {
				add("unassigned-cost", subject, "%s of cost names no partner and is in no partner's CPA", amount(l.cost))
			}
		} else {
			if listed && !l.known && (l.costLines > 0 || l.conversions.Sign() != 0) {
				add("unknown-partner", subject, "costs of %s and %s counted conversions are for a partner the partners table does not know", amount(l.cost), l.conversions)
			}
			if l.cost.Sign() > 0 && l.acquisitions().Sign() == 0 {
				add("spend-without-acquisitions", subject, "%s spent and no customer credited", amount(l.cost))
			}
		}
		if l.revenue().Sign() < 0 {
			add("negative-revenue", subject, "refunds exceed revenue by %s", amount(new(big.Int).Neg(l.revenue())))
		}
		if l.negCosts > 0 {
			add("negative-cost", subject, "%d cost lines are negative and were taken off as credit notes", l.negCosts)
		}
		if l.negAggregateDays > 0 {
			add("negative-revenue-day", subject, "%d days have a negative revenue and were taken off", l.negAggregateDays)
		}
		if n := l.noRateCosts + l.noRateAggregates; n > 0 {
			add("missing-rate", subject, "%d cost lines or daily results have no currency rate of their day and are not counted", n)
		}
	}
	if n := r.totals.withoutRate; n > 0 {
		add("missing-rate", "events", "%d events have an amount in another currency without a rate of their day; their money is not counted", n)
	}
	if r.looseEvents > 0 {
		add("revenue-without-customer", "(none)", "%d events worth %s belong to persons who are not customers; they are in the row without a partner", r.looseEvents, amount(r.lines[""].loose))
	}
	if !r.hasCosts() {
		add("no-costs-loaded", "programme", "no cost line is loaded: costs, cost per customer, return and payback are not known")
	}
	t := res.Totals
	add("totals-reconcile", "programme", "the rows add up to the sources: %s customers, cost %s, revenue %s",
		referral.Micros(int64(t.Acquisitions)), referral.Money{Minor: t.CostMinor, Currency: res.Currency}, referral.Money{Minor: t.RevenueMinor, Currency: res.Currency})
	return out
}
