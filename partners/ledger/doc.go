// Package ledger will hold what partners are owed: an append-only list of entries in which nothing
// is ever edited.
//
// An entry is an earning, an adjustment, a refund's claw-back or a payout, with the plan and its
// version that produced it, the order it refers to, and the closing that froze it. Earnings come from
// partners/incentive (plans are pure functions of facts) over the facts of the contract tables, held
// for the plan's lock period, and moved to "held" with a reason where partners/quality has flagged
// them; money is never dropped silently. A closed period does not change: what is found later is
// booked on the day it is found. For every partner and currency, opening + earned + adjustments −
// paid = closing, to the unit.
//
// The package has no code yet.
package ledger
