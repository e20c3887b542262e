package referral

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSuggest(t *testing.T) {
	events := []string{"invite_sent", "invite_clicked", "signed_up", "purchase", "refund"}
	for word, want := range map[string]string{
		"invite_snet": "invite_sent", "purchas": "purchase", "purchases": "purchase", "sign_up": "signed_up", "refnud": "refund", "purchase": "purchase",
		"renewal": "", "x": "", "": "", "PURCHASE": "purchase",
	} {
		if got := Suggest(word, events); got != want {
			t.Errorf("%q suggests %q, want %q", word, got, want)
		}
	}
	if got := Suggest("cat", []string{"bat", "hat"}); got != "bat" {
		t.Errorf("a tie goes to the earlier: %q", got)
	}
	if got := Suggest("cat", nil); got != "" {
		t.Errorf("nothing to suggest, got %q", got)
	}
}

// distance is the definition of the optimal string alignment distance, written as its recursion.
func distance(a, b string) int {
	switch {
	case a == "":
		return len(b)
	case b == "":
		return len(a)
	}
	cost := 1
	if a[0] == b[0] {
		cost = 0
	}
	d := min(distance(a[1:], b)+1, distance(a, b[1:])+1, distance(a[1:], b[1:])+cost)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, distance(a[2:], b[2:])+1)
	}
	return d
}

func TestEditDistance_isItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching("[abc]{0,5}").Draw(t, "a"), rapid.StringMatching("[abc]{0,5}").Draw(t, "b")
		if got, want := editDistance(a, b), distance(a, b); got != want {
			t.Fatalf("%q to %q: %d, want %d", a, b, got, want)
		}
		if editDistance(a, b) != editDistance(b, a) {
			t.Fatalf("%q and %q: not symmetric", a, b)
		}
	})
}
