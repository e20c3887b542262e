// Package stats holds the distributions, intervals and tests of the product, on sufficient
// statistics: counts, means and variances rather than rows.
//
// It is the one door to gonum. Upper tails are computed as tails, never as one minus a lower one, so
// that a p-value of 1e-300 is not 0; routines of gonum that lose digits in the tails or at large
// parameters are replaced here.
//
// Two sorts of failure are kept apart. An argument outside its domain (a level of 1, more successes
// than trials) is an error wrapping ErrInput. A legal question without an answer (the variance of
// one value) is not an error: the fields that cannot be known are nil and Reason holds a code. No
// function returns NaN or an infinity in a result struct.
package stats
