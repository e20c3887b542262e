package referral

import (
	"cmp"
	"slices"
)

// Finding is something a reader must know about a result: a weak number, a data problem, an
// action. It travels with the result; it is neither an error nor silence.
type Finding struct {
	Code    string `json:"code"`    // kebab-case and stable: "small-sample", "srm"
	Subject string `json:"subject"` // what it is about: a partner, an arm, a source
	Detail  string `json:"detail"`  // one sentence for people, with the numbers in it
}

// SortFindings orders findings by code, subject and detail and drops exact repeats, so that a
// result does not depend on the order in which its parts were computed.
func SortFindings(fs []Finding) []Finding {
	out := append([]Finding{}, fs...) // never nil: JSON writes a list
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Detail, b.Detail))
	})
	return slices.Compact(out)
}
