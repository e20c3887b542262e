// Package referral is the vocabulary every other package speaks: money, periods, durations,
// estimates, findings and problems of a referral programme.
//
// It imports the standard library only, so that each meaning has exactly one home and any package
// can use it without pulling in a database, a chart or a file system.
package referral
