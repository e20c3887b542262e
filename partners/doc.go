// Package partners answers which partnerships earn their money: what each partner cost, whom it
// brought, what those customers are worth, and what to do about it.
//
// Customers, their revenue and their credit come from the table acquisitions, costs from the cost
// lines, and results of partners whose events are not at hand from aggregates. Everything is seen up
// to as-of: events before the instant, cost lines and aggregates of local days before it.
//
// Rows add up. Customers without a partner, revenue of persons who are not customers and costs
// without a partner are in the row with the empty partner id; Compute checks the sums of customers,
// cost and revenue against the sources and fails rather than show a table that does not reconcile.
// Persons do not add up, because one person may meet several partners; the total counts each once.
//
// Money is exact in minor units of the project's currency. Contribution is net revenue times the
// margin. The rules behind grow, fix, watch and end are in docs/statistics.md, "Partner actions".
package partners
