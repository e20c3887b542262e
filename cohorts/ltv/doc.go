// Package ltv projects what a customer will still bring: fitted models, no data access.
//
// Three situations have different models. Customers who buy when they like and leave without saying so
// (BGNBD, MBGNBD, ParetoNBD, their baseline NBD without leaving, and BGBB for rounds that a customer joins or
// not) leave a history of how often, how lately and for how long. GammaGamma says what they spend on a purchase.
// Customers under contract (SBG, BDW) are counted at each renewal. And of a cohort one may know only its
// cumulative value by age: a Triangle is developed by chain ladder.
//
// Histories enter as patterns with counts: customers with the same number of repeat purchases, recency and age are
// one row, so that a fit of a million customers costs what a fit of their few thousand patterns costs. Time is in one
// unit throughout, that of the model's parameters; Unit converts.
//
// A fit is the maximum of the likelihood over the logarithms of the parameters, searched from several starts with
// analytic gradients and finished by Newton's method. It states whether it converged, which parameters the data do
// not tell (a model with fewer of them then explains the data as well), and the
// standard errors from the curvature at the maximum. What is not identified, such as the spend model's mean
// for q ≤ 1, is absent with a reason.
//
// Beta and gamma integrals are computed from logarithms and from sums of positive terms, so that no history, however
// long, overflows or cancels.
package ltv
