// Package incentive computes what a commission plan pays, as pure functions of facts: amounts,
// rates, thresholds, dates. It knows no database, no clock and no currency conversion but the one it
// is given; the ledger books what it returns.
//
// Money is a whole number of minor units of one currency. Rates, shares and weights are exact
// decimals (Decimal); products are exact fractions and are rounded once, where a line is booked, by
// a named Rounding. Sums of rounded lines are sums of what was booked, never rounded again: a
// statement must add up line by line. Every result is exact and has no dependence on float64.
//
// The rules:
//
//   - Percent: each amount at a rate.
//   - Plan with Marginal, Retroactive, Forward and Age: the rate depends on a running total or an age.
//   - CountPlan: a payout per action that depends on the number of actions.
//   - Cap: no more than so much in a period or a lifetime.
//   - Recurring: commission on a customer's payments for so many months.
//   - Schedule: when an action is locked and when it is paid.
//   - Clawback: what a refund takes back.
//   - Ladder: levels reached by points, each with a bonus paid once.
//   - Achieve: bonuses for events in a customer's life.
//   - Payout: which of several fixed payouts applies.
//   - Backtest: what other plans would have paid for the same history.
//   - Allocate: a total split by shares without losing a unit.
package incentive
