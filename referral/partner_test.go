package referral

import (
	"slices"
	"testing"
)

func TestVocabularies_haveNoRepeats(t *testing.T) {
	a := Archetypes()
	slices.Sort(a)
	if len(slices.Compact(a)) != 7 {
		t.Errorf("archetypes: %v", Archetypes())
	}
	k := CostKinds()
	slices.Sort(k)
	if len(slices.Compact(k)) != 7 {
		t.Errorf("cost kinds: %v", CostKinds())
	}
	Archetypes()[0] = "changed"
	if Archetypes()[0] != Reseller {
		t.Error("a caller can change the list")
	}
}
