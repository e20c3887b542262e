// Package experiments reads out incentive experiments: which variant of a reward, a page or a
// programme earns its cost.
//
// # What is counted
//
// The unit is what was randomised: a person, a referrer or a partner. Each randomised unit gives one
// value per metric, zeros included, and every mean, variance and test is over units. Outcomes of
// the people a referrer brought are summed per referrer first: they resemble each other, and a test
// that took each of them for independent would find effects where there are none.
//
// A unit enters by its first exposure to a variant of the plan. Put aside, and counted:
//
//   - exposures to a variant that the weights do not name;
//   - units seen in two variants;
//   - persons marked internal or bot. A self-referrer stays: the reward itself may have caused it, and
//     removing a consequence of the variant from one arm would bias the comparison. Its self-referred
//     events are not counted.
//
// A unit counts from its first exposure, inclusive, for the length of the window, inclusive. Its
// window is closed, the unit mature, when first exposure + window ≤ as-of. Metrics are over mature units
// only: an open window is not a failure. Without a window outcomes count until as-of and every unit is
// mature. The sample-ratio test is over all analysed units, mature or not.
//
// # How it is computed
//
// One SQL statement returns counts and exact integer sums (n, Σx, Σx²) per variant; nothing per unit
// leaves the database. Means, variances, intervals and tests are finished in Go. The rules of
// decisions and the verdict are in docs/statistics.md and verdict.go.
package experiments
