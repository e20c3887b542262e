// Package validate holds the product against a demo's truth: it writes a demo, loads it as a user
// would, runs the analyses, and compares.
//
// Counts and sums must be equal to those of the generator's books, every one. Estimates cannot be:
// of each it is asked whether the interval holds the value the data were drawn from. One seed says
// little about that; over many seeds the share of intervals that do must agree with their level,
// which docs/validation.md records.
package validate
