// Package experiments reads out incentive experiments: which variant of a reward, a page or a
// programme earns its cost.
//
// # What is counted
//
// The unit is what was randomised: a person, a referrer, a partner, or the persons that share a value of an
// attribute, such as a household. Each randomised unit gives one value per metric, zeros included, and every mean, variance and test is over units. Outcomes of
// the people a referrer brought are summed per referrer first: they resemble each other, and a test
// that took each of them for independent would find effects where there are none.
//
// A unit enters by its first exposure to a variant of the plan. Put aside, and counted:
//
//   - exposures to a variant that the weights do not name;
//   - units seen in two variants;
//   - persons marked internal or bot. A self-referrer stays: the reward itself may have caused it, and
//     removing a consequence of the variant from one arm would bias the comparison. Its self-referred
//     events are not counted. A unit of several persons goes when all of them are marked;
//   - exposures without a time.
//
// Told apart, but not put aside: units of which nothing else is known, which count as zeros, and events of the
// metrics that a unit had since the experiment began but before its own first exposure, which count nowhere
// but in the covariate.
//
// A unit counts from its first exposure, inclusive, for the length of the window, inclusive. Its
// window is closed, the unit mature, when first exposure + window ≤ as-of. Metrics are over mature units
// only: an open window is not a failure. Without a window outcomes count until as-of and every unit is
// mature. A metric with a window of its own matures by that. The sample-ratio test is over all analysed units,
// mature or not.
//
// A cap limits the value of a unit, and of its covariate, at one value in all arms. A quantile as cap is the
// smallest value that at least that share of the mature units of all arms together do not exceed, zeros included.
//
// Money is over mature units: the value of all events in the window times the margin, rewards for the customers newly won
// in it, and for partners the commission that the cost lines of their days in the window book. Other units
// have no commission: a cost line names a partner or a campaign, never a person.
//
// # How it is computed
//
// One SQL statement returns counts and exact integer sums, of each variable of a metric and of each product of two, by
// variant, stratum, local day of first exposure and the windows that are over. The day is always among them: it
// costs nothing to speak of, and the split is tested per day. Parts add up to arms in Go, where means,
// ratios, covariates, variances, intervals and tests are finished. A second statement returns units by
// value or by time, for all metrics that need it: quantiles, times to an event, shares while some windows are open. The sums of
// single units leave the database for ratios alone, where an arm has fewer than 100 units or one unit has more than a
// tenth of an arm's denominator. The number of statements does not grow with the number of metrics. The rules of
// decisions and the verdict are in docs/statistics.md and verdict.go.
package experiments
