package demo

import "time"

// run is the days on which an experiment enrolled, as local dates, to exclusive.
type run struct{ from, to string }

func (r run) contains(c calendar, t time.Time) bool {
	return !t.Before(c.date(r.from)) && t.Before(c.date(r.to))
}

// The experiments of the demo.
//
//	reward   referrers are told that they get nothing or ten euros per paying invitee: raises the
//	         probability that an invitee who signed up buys by rewardLift, relative. The lift is such that
//	         what the further customers bring is clearly more than the reward: with L the lift, P the mean
//	         contribution of a first purchase and R the reward, a payer without the reward stands for
//	         L·P − (1 + L)·R more, about EUR 0.8 × 42 − 1.8 × 10 = 16
//	landing  people who click see the old or the new page: no effect whatsoever
//	banner   people see a plain or a photo banner: no effect, but photo loses exposures
const (
	rewardName, rewardControl, rewardTreatment = "reward", "none", "ten"
	rewardLift                                 = 0.8

	landingName, landingControl, landingTreatment = "landing", "old", "new"
	landingBoth                                   = 0.004 // share of people who saw both pages

	bannerName, bannerControl, bannerTreatment = "banner", "plain", "photo"
	bannerLost                                 = 0.4 // share of photo exposures that were never logged
)

var (
	rewardRun  = run{"2026-02-01", "2026-09-01"}
	landingRun = run{"2026-05-01", "2026-10-01"}
	bannerRun  = run{"2026-01-01", "2026-11-17"}
)

// bannerShare is the share of logged exposures that show the photo: planned is one half.
func bannerShare() float64 { return (1 - bannerLost) / (2 - bannerLost) }

// exposure is one sighting of a unit in an experiment.
type exposure struct {
	experiment, unit, variant string
	at                        time.Time
	stratum                   string
}

// landing draws the exposures of a person who clicked at t.
func (w *world) landing(s stream, unit, stratum string, t time.Time) []exposure {
	fresh, both, again := s.chance(0.5), s.chance(landingBoth), s.chance(0.1)
	if !landingRun.contains(w.cal, t) {
		return nil
	}
	seen, other := landingControl, landingTreatment
	if fresh {
		seen, other = other, seen
	}
	out := []exposure{{landingName, unit, seen, t, stratum}}
	if again {
		out = append(out, exposure{landingName, unit, seen, after(t, 3600), stratum})
	}
	if both {
		out = append(out, exposure{landingName, unit, other, after(t, 7200), stratum})
	}
	return out
}

// banner draws the exposure of a person whose first impression was at t.
func (w *world) banner(s stream, unit, stratum string, t time.Time) []exposure {
	photo, lost := s.chance(0.5), s.chance(bannerLost)
	if !bannerRun.contains(w.cal, t) || photo && lost {
		return nil
	}
	if photo {
		return []exposure{{bannerName, unit, bannerTreatment, t, stratum}}
	}
	return []exposure{{bannerName, unit, bannerControl, t, stratum}}
}
