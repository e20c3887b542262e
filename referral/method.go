package referral

import "slices"

// Methods of estimates: how an interval, or a p-value, was computed. The names are stable and lower
// case; docs/statistics.md has the formula behind each.
const (
	MethodWilson          = "wilson"               // share: Wilson's score interval
	MethodNewcombe        = "newcombe"             // difference of two shares, from their Wilson limits
	MethodWelch           = "welch_t"              // difference of two means, unequal variances
	MethodStudent         = "student_t"            // mean
	MethodFieller         = "fieller"              // ratio of two means
	MethodGarwood         = "garwood"              // Poisson count, and cost ÷ such a count
	MethodCompoundPoisson = "compound_poisson"     // total of independent amounts, and its ratio to a known cost
	MethodRatioOfSums     = "ratio_of_sums"        // value only: the single values behind it are unknown
	MethodKaplanMeier     = "kaplan_meier_log_log" // share with open windows
	MethodJoinedIntervals = "joined_intervals"     // difference of two estimates, from their limits
	MethodFirstCrossing   = "first_crossing"       // first complete month at which a curve covers a cost
	MethodBooked          = "booked"               // known exactly: no uncertainty
	MethodChiSquare       = "chi_square"           // counts against planned shares
	MethodBetaBinomial    = "beta_binomial"        // share shrunk by a beta prior fitted to all groups
	MethodDelta           = "delta"                // ratio of sums per unit, linearised
	MethodJackknife       = "jackknife"            // ratio of sums over few units, leaving out one at a time
	MethodPermutation     = "permutation"          // studentised, of few units between arms
	MethodFisher          = "fisher"               // two shares with few successes or failures
	MethodOrderStatistics = "order_statistics"     // quantile, between two of the values
	MethodGreenwood       = "kaplan_meier"         // share with open windows, Greenwood's variance
	MethodRestrictedMean  = "restricted_mean"      // mean time to an event up to a horizon
	MethodLogRank         = "log_rank"             // two curves of times to an event
	MethodPostStratified  = "post_stratified"      // difference weighted over strata
	MethodScore           = "score"                // share against a margin, variance under the margin
	MethodExactBinomial   = "exact_binomial"       // counts of two arms against planned shares
)

// Methods lists every method an estimate or a test may name.
func Methods() []string {
	return []string{
		MethodWilson, MethodNewcombe, MethodWelch, MethodStudent, MethodFieller, MethodGarwood, MethodCompoundPoisson,
		MethodRatioOfSums, MethodKaplanMeier, MethodJoinedIntervals, MethodFirstCrossing, MethodBooked, MethodChiSquare,
		MethodBetaBinomial, MethodDelta, MethodJackknife, MethodPermutation, MethodFisher, MethodOrderStatistics,
		MethodGreenwood, MethodRestrictedMean, MethodLogRank, MethodPostStratified, MethodScore, MethodExactBinomial,
	}
}

// KnownMethod reports whether name is one of Methods.
func KnownMethod(name string) bool { return slices.Contains(Methods(), name) }
