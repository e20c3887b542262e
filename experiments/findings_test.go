package experiments

import (
	"slices"
	"testing"

	"vouch/referral"
)

// Exposures that meet no unit at all are told: their unit_id is most likely that of something else.
func TestHygieneFindings_unknownUnits(t *testing.T) {
	for unknown, want := range map[int64]bool{0: false, 799: false, 800: true} {
		j := trial()
		j.def.Unit, j.res.Hygiene.UnknownUnits = "attribute.household", unknown
		i := slices.IndexFunc(j.hygieneFindings(), func(f referral.Finding) bool { return f.Code == "unknown-units" })
		if want != (i >= 0) {
			t.Errorf("%d of 800 units are unknown: told %v", unknown, i >= 0)
		}
		if i < 0 {
			continue
		}
		const text = "Nothing else is known of any of the 800 units, so all count as zeros: the unit_id of the exposures must be the id of a household."
		if got := j.hygieneFindings()[i].Detail; got != text {
			t.Errorf("got %q", got)
		}
	}
}

func TestUnitName(t *testing.T) {
	for unit, want := range map[string]string{"": "person", UnitReferrer: "referrer", "attribute.household": "household"} {
		if got := UnitName(unit); got != want {
			t.Errorf("%q is a %s, want %s", unit, got, want)
		}
	}
}
