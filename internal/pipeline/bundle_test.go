package pipeline

import (
	"testing"
	"time"

	"vouch/internal/sqltext"
	"vouch/referral"
)

func TestCompleteTo(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	sc := referral.Scope{
		AsOf:     time.Date(2026, 11, 17, 0, 0, 0, 0, berlin).UTC(),
		Calendar: referral.Calendar{Zone: berlin, WeekStart: time.Monday},
	}
	for _, c := range []struct {
		name string
		last time.Time
		want string
	}{
		{"no events", time.Time{}, ""},
		{"data reach beyond as-of", time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), "2026-11-16"},
		{"data end on the last day seen", time.Date(2026, 11, 16, 18, 0, 0, 0, time.UTC), "2026-11-16"},
		{"data end earlier: their last day may be cut", time.Date(2026, 11, 10, 18, 0, 0, 0, time.UTC), "2026-11-09"},
		{"late evening UTC is the next local day", time.Date(2026, 11, 10, 23, 30, 0, 0, time.UTC), "2026-11-10"},
	} {
		if got := completeTo(sc, c.last); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestUnknownError_suggests(t *testing.T) {
	err := &UnknownError{"funnels", "referal", []string{"journey", "referral"}}
	want := `vouch.yaml has no "referal" under funnels: did you mean "referral"? it has journey, referral`
	if err.Error() != want {
		t.Errorf("got %s", err)
	}
}

func TestSQLText_showsArguments(t *testing.T) {
	got := SQLText([]sqltext.Stmt{sqltext.Raw("a", "SELECT ?\n", 7), sqltext.Raw("b", "SELECT 1")})
	if want := "-- a\nSELECT ?\n-- ?1 = 7\n\n-- b\nSELECT 1\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestTimings_stage(t *testing.T) {
	now := time.Unix(0, 0)
	ts := NewTimings(func() time.Time { now = now.Add(5 * time.Millisecond); return now })
	if err := ts.Stage("x", func() error { return nil }); err != nil || ts.Millis["x"] != 5 {
		t.Errorf("got %v, %v", ts.Millis, err)
	}
}
