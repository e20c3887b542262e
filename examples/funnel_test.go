package examples

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/referral"
)

// Leads and deals by origin, counted from the files with a script of its own. One deal is dated
// before its lead, both of organic search.
func TestOlistLeads(t *testing.T) {
	p := open(t, "olist-lead-funnel")
	known := map[string][]int64{
		"organic_search": {2296, 271}, "paid_search": {1586, 195}, "social": {1350, 75}, "unknown": {1099, 179},
		"direct_traffic": {499, 56}, "email": {493, 15}, "referral": {284, 24}, "other": {150, 4}, "display": {118, 6},
		"other_publicities": {65, 3}, "": {60, 14},
	}
	deals := compute(t, p, "deals")
	if diff := cmp.Diff([]int64{8000, 842}, steps(deals.Steps)); diff != "" {
		t.Errorf("leads and deals (-known +computed):\n%s", diff)
	}
	got := map[string][]int64{}
	for _, g := range deals.Groups {
		got[g.Key] = steps(g.Steps)
	}
	if diff := cmp.Diff(known, got); diff != "" {
		t.Errorf("by origin (-known +computed):\n%s", diff)
	}
	if r := deals.Steps[1].FromFirst; r == nil || r.Value == nil || math.Round(1000**r.Value) != 105 {
		t.Errorf("conversion %+v, want 10.5 %%", r)
	}
	sales := compute(t, p, "sales")
	if sales.From != "2017-06-14" || sales.To != "2018-05-31" {
		t.Errorf("leads from %s to %s, want 2017-06-14 to 2018-05-31", sales.From, sales.To)
	}
	if diff := cmp.Diff([]int64{8000, 841}, steps(sales.Steps)); diff != "" {
		t.Errorf("in order (-known +computed):\n%s", diff)
	}
	known["organic_search"][1] = 270
	got = map[string][]int64{}
	for _, g := range sales.Groups {
		got[g.Key] = steps(g.Steps)
	}
	if diff := cmp.Diff(known, got); diff != "" {
		t.Errorf("in order by origin (-known +computed):\n%s", diff)
	}
	if n := number(t, p, "SELECT CAST(sum(amount_minor) AS BIGINT) FROM events"); n != 6_178_400_600 {
		t.Errorf("declared revenue %d centavos, want R$ 61,784,006.00", n)
	}
}

type click struct {
	event, session string
	at             time.Time
}

// clicks reads the stream with the standard library.
func clicks(t *testing.T) map[string][]click {
	t.Helper()
	head, rows := rowsOf(t, "retentioneering-ecom", "ecom.csv.gz")
	session := slices.Index(head, "session_id")
	out := map[string][]click{}
	for _, r := range rows {
		at, err := time.Parse(time.DateTime, r[3])
		if err != nil {
			t.Fatal(err)
		}
		out[r[0]] = append(out[r[0]], click{r[2], r[session], at})
	}
	for _, cs := range out {
		slices.SortStableFunc(cs, func(a, b click) int { return a.at.Compare(b.at) })
	}
	return out
}

// depth is how many steps in order the user took within the window of some first step. Steps have
// different names, so taking the earliest next step each time is best for a given start.
func depth(cs []click, steps []string, window time.Duration) int {
	best := 0
	for i, start := range cs {
		if start.event != steps[0] {
			continue
		}
		n, last := 1, start.at
		for n < len(steps) {
			next := -1
			for j, c := range cs {
				if c.event == steps[n] && !c.at.Before(last) && (window == 0 || c.at.Sub(start.at) <= window) && j != i {
					next = j
					break
				}
			}
			if next < 0 {
				break
			}
			n, last = n+1, cs[next].at
		}
		best = max(best, n)
	}
	return best
}

func TestEcomFunnels(t *testing.T) {
	p := open(t, "retentioneering-ecom")
	if n := number(t, p, "SELECT count(*) FROM events"); n != 31_106 {
		t.Errorf("%d events, want 31,106", n)
	}
	for name, want := range map[string]int64{
		"users_catalog": 600, "users_product_view": 598, "users_add_to_cart": 522, "users_cart": 489, "users_purchase": 328,
	} {
		if got := compute(t, p, name).Steps[0].Persons; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	channels := map[string][3]int64{
		"direct": {30, 23, 15}, "email": {95, 85, 51}, "organic": {219, 189, 115}, "paid_search": {169, 153, 105}, "social": {87, 72, 42},
	}
	got := map[string][3]int64{}
	for i, name := range []string{"users_catalog", "users_add_to_cart", "users_purchase"} {
		for _, g := range compute(t, p, name).Groups {
			x := got[g.Key]
			x[i] = g.Steps[0].Persons
			got[g.Key] = x
		}
	}
	if diff := cmp.Diff(channels, got); diff != "" {
		t.Errorf("by channel (-known +computed):\n%s", diff)
	}
	stream := clicks(t)
	order := []string{"catalog", "product_view", "add_to_cart", "cart", "purchase"}
	for name, window := range map[string]time.Duration{"ever": 0, "shop": 24 * time.Hour} {
		want := make([]int64, len(order))
		for _, cs := range stream {
			for i := range depth(cs, order, window) {
				want[i]++
			}
		}
		if diff := cmp.Diff(want, steps(compute(t, p, name).Steps)); diff != "" {
			t.Errorf("%s (-counted by hand +computed):\n%s", name, diff)
		}
	}
	if n := number(t, p, "SELECT count(DISTINCT json_extract_string(properties, '$.session_id')) FROM events"); n != 3_605 {
		t.Errorf("%d sessions, want 3,605", n)
	}
	days := number(t, p, "SELECT count(*) FROM events WHERE occurred_at >= TIMESTAMP '2024-01-04 00:00:00' AND occurred_at < TIMESTAMP '2024-06-30 00:00:00'")
	if days != 31_106 {
		t.Errorf("%d events from 2024-01-04 to 2024-06-29, want all 31,106", days)
	}
}

// Windows between steps, and steps within one session, counted anew from the files.
func TestEcomFunnels_windowsAndSessions(t *testing.T) {
	p := open(t, "retentioneering-ecom")
	order := []string{"catalog", "product_view", "add_to_cart", "cart", "purchase"}
	def := funnel.Definition{Name: "stepwise"}
	for i, name := range order {
		s := funnel.Step{Name: name}
		if i > 0 {
			s.Window = 5 * referral.Minute
		}
		def.Steps = append(def.Steps, s)
	}
	windows, sessions := make([]int64, len(order)), make([]int64, len(order))
	for _, cs := range clicks(t) {
		for i := range stepwise(cs, order, 5*time.Minute) {
			windows[i]++
		}
		best, bySession := 0, map[string][]click{}
		for _, c := range cs {
			bySession[c.session] = append(bySession[c.session], c)
		}
		for _, own := range bySession {
			best = max(best, depth(own, order, 0))
		}
		for i := range best {
			sessions[i]++
		}
	}
	held := funnel.Definition{Name: "session", Hold: []string{"prop.session_id"}}
	for _, name := range order {
		held.Steps = append(held.Steps, funnel.Step{Name: name})
	}
	for _, x := range []struct {
		def  funnel.Definition
		want []int64
	}{{def, windows}, {held, sessions}} {
		r, err := funnel.Compute(t.Context(), p.DB, x.def, p.Scope)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(x.want, steps(r.Steps)); diff != "" {
			t.Errorf("%s (-counted by hand +computed):\n%s", x.def.Name, diff)
		}
	}
}

// stepwise is how many steps in order the user took, each within the window of the one before.
func stepwise(cs []click, steps []string, window time.Duration) int {
	reached := make([]bool, len(cs)) // by the event that serves the step at hand
	for i, c := range cs {
		reached[i] = c.event == steps[0]
	}
	for n := 0; ; n++ {
		if !slices.Contains(reached, true) {
			return n
		}
		if n+1 == len(steps) {
			return n + 1
		}
		next := make([]bool, len(cs))
		for i, c := range cs {
			for j, before := range cs {
				next[i] = next[i] || reached[j] && c.event == steps[n+1] && !c.at.Before(before.at) && c.at.Sub(before.at) <= window
			}
		}
		reached = next
	}
}

// The gym's tables: every referral, payment and reward is an event, excluded or not.
func TestGymReferrals(t *testing.T) {
	p := open(t, "gym-referral-program")
	for what, x := range map[string]struct {
		text string
		want map[string]int64
	}{
		"events": {
			"SELECT event, count(*) FROM events_all GROUP BY event ORDER BY event",
			map[string]int64{"referred": 46, "purchase": 14, "reward_granted": 17, "referral_updated": 79, "lead": 8},
		},
		"status":     {"SELECT status, count(*) FROM events_all WHERE event = 'referred' GROUP BY status ORDER BY status", map[string]int64{"waiting": 29, "successful": 8, "failed": 9}},
		"source":     {"SELECT channel, count(*) FROM events_all WHERE event = 'referred' GROUP BY channel ORDER BY channel", map[string]int64{"Draft Transaction": 27, "Lead": 11, "User Sign Up": 8}},
		"duplicates": {"SELECT reason, count(*) FROM events_all WHERE reason = 'duplicate' GROUP BY reason ORDER BY reason", map[string]int64{}},
		"anonymous":  {"SELECT 'no referrer', count(*) FROM events_all WHERE event = 'referred' AND referrer_id IS NULL", map[string]int64{"no referrer": 13}},
		"history":    {"SELECT 'rows', count(*) FROM events_all WHERE source = 'history'", map[string]int64{"rows": 96}},
	} {
		if diff := cmp.Diff(x.want, tally(t, p, x.text)); diff != "" {
			t.Errorf("%s (-known +loaded):\n%s", what, diff)
		}
	}
	// The log of members has several rows a person; each of them becomes one person, and no row is lost.
	head, log := rowsOf(t, "gym-referral-program", "user_logs.csv.gz")
	members := map[string]bool{}
	for _, r := range log {
		members[r[slices.Index(head, "user_id")]] = true
	}
	if loaded := number(t, p, "SELECT count(*) FROM persons WHERE attributes IS NOT NULL"); len(log) != 29 || loaded != int64(len(members)) {
		t.Errorf("%d rows of %d members, %d loaded", len(log), len(members), loaded)
	}
	// What is granted are three kinds of rewards; every referral names one of them or none.
	head, kinds := rowsOf(t, "gym-referral-program", "referral_rewards.csv.gz")
	ids := map[string]bool{"": true}
	for _, r := range kinds {
		ids[r[slices.Index(head, "id")]] = true
	}
	named := tally(t, p, "SELECT json_extract_string(properties, '$.referral_reward_id') AS id, count(*) FROM events_all WHERE event = 'referred' GROUP BY id ORDER BY id")
	for id := range named {
		if !ids[id] {
			t.Errorf("a referral names reward %q, which is none of %v", id, kinds)
		}
	}
	if len(kinds) != 3 || len(named) < 2 {
		t.Errorf("%d kinds of rewards, referrals name %v", len(kinds), named)
	}
	// Three of the 14 payments were stamped before the referral they belong to.
	referral := compute(t, p, "referral")
	if diff := cmp.Diff([]int64{40, 14}, steps(referral.Steps)); diff != "" {
		t.Errorf("with a tolerance for clocks (-known +computed):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{40, 11}, steps(compute(t, p, "in_order").Steps)); diff != "" {
		t.Errorf("in strict order of time (-known +computed):\n%s", diff)
	}
	for _, g := range referral.Groups {
		if want := map[string]int64{"Draft Transaction": 14}[g.Key]; g.Steps[1].Persons != want {
			t.Errorf("%d payments of %s, want %d", g.Steps[1].Persons, g.Key, want)
		}
	}
}
