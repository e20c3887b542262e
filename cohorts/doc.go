// Package cohorts answers what an acquired customer is worth, and for how long he stays, by the
// period in which he was acquired.
//
// A cohort is everyone whose first acquisition event fell into the same calendar day, week, month or
// quarter of the reporting zone. The age of an event is a calendar difference: the index of the
// period that holds the event minus that of the period that holds the customer's acquisition, so
// somebody acquired on 31 January who buys on 1 February bought at age 1 in months and at age 1 in
// days. Events before the acquisition have no age; their money is named in a finding and left out.
//
// A cell is a cohort at an age. It is complete when as-of has passed the end of that age for the
// last customer the cohort could hold, judged by the calendar: a cohort that is still being
// acquired has no complete cell. Eligible counts the customers whose own age is over. Partial cells
// are shown and never enter an average; nothing beyond as-of is shown at all.
//
// Value is net revenue in minor units of the project's currency, refunds taken off. Lifetime value
// is contribution: net revenue times the margin, cumulative, per acquired customer, pooled over the
// cohorts whose cell is complete. Customers are compared at the same age only.
package cohorts
