package demo

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"vouch/referral"
)

func testWorld(t *testing.T, seed uint64, partners int) *world {
	t.Helper()
	w, err := newWorld(seed, partners)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// told is a history as text: everything of it that reaches a file.
func told(h *history) string {
	s := fmt.Sprintln(h.id, h.alias, h.name, h.country, h.class, h.origin.id, h.exposures)
	for i := range h.events {
		e := h.events[i]
		if e.earlier != nil {
			s += fmt.Sprintln(*e.earlier)
			e.earlier = nil
		}
		s += fmt.Sprintln(e)
	}
	return s
}

func histories(t *testing.T, w *world, persons int) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := w.unfold(context.Background(), persons, func(h *history) { out[h.id] = told(h) }, func(*referrer, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestHistory_doesNotDependOnSize(t *testing.T) {
	small := histories(t, testWorld(t, 1, 60), 1000)
	large := histories(t, testWorld(t, 1, 60), 20_000)
	if small["p0000017"] == "" {
		t.Fatal("person 17 has no history")
	}
	for id, text := range small {
		if large[id] != text {
			t.Fatalf("%s among 1,000:\n%s\namong 20,000:\n%s", id, text, large[id])
		}
	}
	other := histories(t, testWorld(t, 2, 60), 1000)
	if other["p0000017"] == small["p0000017"] {
		t.Error("another seed tells the same history")
	}
}

// With more partners a referrer either stays as it was or goes to a new partner.
func TestReferrer_moreMembersMoveOnlyTheirOwn(t *testing.T) {
	few, many := testWorld(t, 1, 60), testWorld(t, 1, 80)
	moved := 0
	for i := range 3000 {
		a, b := few.newReferrer(i), many.newReferrer(i)
		if b.partner.index >= 60 {
			moved++
			continue
		}
		if a.partner.id != b.partner.id || !a.start.Equal(b.start) || a.variant != b.variant || a.effect != b.effect {
			t.Fatalf("referrer %d changed from %+v to %+v", i, a, b)
		}
	}
	var old, all float64
	for i, p := range many.partners {
		all += p.weight
		if i < 60 {
			old += p.weight
		}
	}
	want := 3000 * (1 - old/all)
	if math.Abs(float64(moved)-want) > 5*math.Sqrt(want) {
		t.Errorf("%d referrers moved to new partners, want about %.0f by their weight", moved, want)
	}
}

func TestPartners_everyKindAndRole(t *testing.T) {
	for seed := range uint64(20) {
		w := testWorld(t, seed, minPartners)
		kinds, currencies := map[referral.Archetype]bool{}, map[string]bool{}
		hostile := false
		for _, p := range w.partners {
			kinds[p.archetype], currencies[p.region.currency] = true, true
			hostile = hostile || p.name == hostileName
			if p.from < 0 || p.from >= p.to || p.to > w.cal.days {
				t.Errorf("seed %d: %s is active from day %d to %d", seed, p.id, p.from, p.to)
			}
			if p.buy*effects[2]*(1+rewardLift) > 1 || p.buy > mostBuy {
				t.Errorf("seed %d: %s sells to more than everybody: %v", seed, p.id, p.buy)
			}
			if !p.left.IsZero() && p.left.Before(p.joined) {
				t.Errorf("seed %d: %s left before it joined", seed, p.id)
			}
		}
		if len(kinds) != len(referral.Archetypes()) || len(currencies) != len(tariffs) || !hostile {
			t.Errorf("seed %d: %d archetypes, %d currencies, hostile name %v", seed, len(kinds), len(currencies), hostile)
		}
		if w.partners[zeroPartner].buy != 0 {
			t.Errorf("seed %d: the partner without customers sells", seed)
		}
	}
}

func TestGroups_coverTheBlock(t *testing.T) {
	for b := range 200 {
		at := b * blockSize
		for _, g := range groups(1, b) {
			if g.lo != at || g.hi <= g.lo {
				t.Fatalf("block %d: group %v after %d", b, g, at)
			}
			at = g.hi
		}
		if at != (b+1)*blockSize {
			t.Fatalf("block %d ends at %d", b, at)
		}
	}
}

// What must hold of every event of the world, in every class of person.
func TestHistory_invariants(t *testing.T) {
	w := testWorld(t, 3, 60)
	seen := map[string]bool{}
	trapped := map[string]int{}
	err := w.unfold(context.Background(), 6000, func(h *history) {
		signed := map[time.Time]string{}
		for i := range h.events {
			e := &h.events[i]
			if !e.at.Before(w.cal.end) || e.received.Before(e.at) || !e.received.Before(w.cal.end) {
				t.Fatalf("%s at %v received %v", e.id, e.at, e.received)
			}
			if i > 0 && e.at.Before(h.events[i-1].at) {
				t.Fatalf("%s out of order", e.id)
			}
			if seen[e.id] {
				t.Fatalf("id %s used twice", e.id)
			}
			seen[e.id] = true
			if e.at.Nanosecond()%1e6 != 0 || e.source == srcBilling && e.at.Nanosecond() != 0 {
				t.Fatalf("%s at %v: finer than its file can write", e.id, e.at)
			}
			if e.earlier != nil {
				trapped["replaced"]++
				if !e.received.After(e.earlier.received) {
					t.Fatalf("%s: the row that counts arrived at %v, the other at %v", e.id, e.received, e.earlier.received)
				}
				if e.amount > 0 && e.earlier.amount == e.amount {
					t.Fatalf("%s: both rows say %d", e.id, e.amount)
				}
			}
			if other, tie := signed[e.at]; tie && other != e.name {
				trapped["tie "+other+" "+e.name]++
			}
			signed[e.at] = e.name
			if e.late {
				trapped["late"]++
			}
			if e.as != e.person {
				trapped["alias"]++
			}
			if h.origin.index == zeroPartner && e.amount != 0 {
				t.Fatalf("%s: the partner without customers has one", e.id)
			}
		}
		trapped[fmt.Sprint("class ", h.class)]++
	}, func(*referrer, int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, trap := range []string{
		"replaced", "late", "alias", "tie invite_sent invite_clicked", "class 0", "class 1", "class 2", "class 3", "class 4", "class 5",
	} {
		if trapped[trap] == 0 {
			t.Errorf("no case of %q in %v", trap, trapped)
		}
	}
}

func TestUnfold_stopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := testWorld(t, 1, 60).unfold(ctx, 10_000, func(*history) { n++; cancel() }, func(*referrer, int) {})
	if err == nil || n > 3*blockSize {
		t.Errorf("error %v after %d histories", err, n)
	}
}
