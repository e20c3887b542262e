package demo

import (
	"fmt"
	"time"
)

// Referrers differ by a factor on the probability that an invitee buys: mean one, so that the rates
// of a partner do not depend on it, and three values, so that expectations over it are exact sums.
var (
	effects      = [3]float64{0.5, 1, 1.5}
	effectShares = [3]float64{0.25, 0.5, 0.25}
)

// referrer is a user who invites people for a partner.
type referrer struct {
	index   int // number of the first person of its group, which no other referrer has
	id      string
	code    string
	partner *partner
	start   time.Time // opens the referral page; invites follow within inviteSpan
	effect  float64
	// variant is that of the reward experiment, empty outside it. start is the exposure.
	variant string
	opens   int // further visits of the page
}

// blockSize is the number of persons dealt to referrers at a time. It is fixed, so that the referrer
// of a person does not depend on how many persons there are.
const blockSize = 20

// group is a run of persons lo ≤ i < hi with one referrer.
type group struct{ lo, hi int }

// groupSizes are the numbers of people one referrer invites.
var groupSizes = []int{1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10}

// groups splits block b into groups of referrers.
func groups(seed uint64, b int) []group {
	s := newStream(seed, kindBlock, b)
	var out []group
	for at := 0; at < blockSize; {
		n := min(choose(s, groupSizes), blockSize-at)
		out = append(out, group{b*blockSize + at, b*blockSize + at + n})
		at += n
	}
	return out
}

// newReferrer draws the referrer whose group begins at person index.
func (w *world) newReferrer(index int) *referrer {
	s := newStream(w.seed, kindReferrer, index)
	r := &referrer{index: index, id: fmt.Sprintf("r%07d", index), code: fmt.Sprintf("VO-%06X", index)}
	r.partner = w.partnerOf(kindReferrer, index, nil)
	r.start = w.cal.within(s, r.partner.from, r.partner.to)
	r.effect = effects[s.pick(effectShares[:]...)]
	ten := s.chance(0.5)
	if rewardRun.contains(w.cal, r.start) {
		r.variant = rewardControl
		if ten {
			r.variant = rewardTreatment
		}
	}
	r.opens = s.between(0, 2)
	return r
}

// lift is the factor on buying that the referrer's invitees get from the reward experiment.
func (r *referrer) lift() float64 {
	if r.variant == rewardTreatment {
		return 1 + rewardLift
	}
	return 1
}
