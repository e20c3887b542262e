// Package attribution gives credit: which partner, channel or campaign a conversion is owed to.
//
// A journey is the touches of one person before one conversion: every event of the definition's
// touch names with a key (a partner, a channel, a campaign), not later than the conversion and not
// earlier than the look-back window before it. Both ends count: a touch at the very microsecond of
// the conversion counts whatever order the two were written in, because a log cannot order them, and
// so does one exactly a window earlier. Each conversion event has a journey of its own; a touch may
// serve several conversions. A conversion without a touch is credited to "(none)", so that the
// credits of every model add up to the conversions and to their money, to the unit.
//
// A model spreads one conversion over its touches by weights. The weights of equal keys are added,
// then the conversion (1,000,000 millionths) and its money are split over the distinct keys by
// largest remainder, keys in ascending byte order. No model is the truth: they answer different
// questions, and where they disagree about a partner the disagreement is the finding.
//
// Credit fills the contract table acquisitions with the programme's own rule, which CPA, ROI and
// cohorts by partner then use.
package attribution
