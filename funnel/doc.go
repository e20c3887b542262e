// Package funnel counts how many persons go through steps in order, within a window, and says what
// the data allow to be said about those whose window is still open.
//
// A chain is a choice of events for steps 1, 2, …, k. The result is defined by the set of all chains
// the options allow; the level of a person is the best level of a chain. By default one event serves
// one step, equal times may be read in any order, every event of step 1 may start a chain, the window
// counts elapsed time from the first matched step with the upper bound included, and other events may
// lie between.
//
// The reading of a question goes Definition (text, as in vouch.yaml) → Rules (plain integers) → plan
// (compiled). Persons stream through an evaluator that holds the events of one person at a time:
// tiegroup.go answers the default options in one pass over the events. For all others search.go asks one
// pass for each thing the result needs (the level, each optional step, a chain that drop_user leaves) of an
// evaluator that handles all starts at once: graph.go for ordered and strict funnels (shelf.go keeps the
// chains that may go on, block.go places steps on tied events, exclusions.go passes the exclusions),
// noisy.go for clock noise, sets.go for unordered funnels with exclusions; anyorder.go answers those
// without. Every view (steps, groups, trend, time to convert, money, censoring) reads the outcome.
//
// finish.go turns counts into the result: rates (finish.go), curves of open windows (censoring.go,
// velocity.go), groups against their rest and shrunk (compare.go, judge.go), the others (others.go),
// costs (cost.go). What became of single units, their next event and their names, is read by passes of
// their own that watch the same kernel (watch.go, flow.go, list.go).
//
// A person stands for whatever the definition counts (unit.go): referrers, partners, orders or codes are
// streams sorted by another column. What an event is asked for beyond its own columns (field.go), such as
// the tier of its partner or the cohort of its person, is a key of the event and a table of texts
// (labels.go).
package funnel
