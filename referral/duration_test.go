package referral

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]Duration{
		"30d": 30 * 86_400_000_000, "36h": 36 * 3_600_000_000, "90m": 90 * 60_000_000, "15s": 15_000_000, "2w": 14 * 86_400_000_000,
		"1d12h": 36 * 3_600_000_000, "7us": 7, "0d": 0, "1w1d1h1m1s1us": 8*DayLen + Hour + Minute + Second + 1, "007d": 7 * DayLen,
		"9223372036854775807us": math.MaxInt64, "106751991d": 106_751_991 * DayLen,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "d", "30", "30 d", " 30d", "30d ", "-1d", "+1d", "1.5d", "1D", "1month", "1y", "1d-1h", "d1", "1dh", "٣d", "1µs", "1ms",
		"9223372036854775808us", "106751992d", "106751991d99999999999s", "99999999999999999999d",
	} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}

func TestDuration_textRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Min(0).Draw(t, "micros"))
		if got, err := ParseDuration(d.String()); err != nil || got != d {
			t.Fatalf("%d is written %s and read as %d, %v", d, d, got, err)
		}
	})
}

func TestDuration_string(t *testing.T) {
	for d, want := range map[Duration]string{
		0: "0s", 14 * DayLen: "14d", DayLen + 12*Hour: "1d12h", 90 * Minute: "1h30m", 1: "1us", -5 * Second: "-5s",
		math.MinInt64: "-106751991d4h54s775807us", math.MaxInt64: "106751991d4h54s775807us",
	} {
		if got := d.String(); got != want {
			t.Errorf("%d is written %q, want %q", int64(d), got, want)
		}
	}
}

func TestDuration_json(t *testing.T) {
	type window struct {
		Window Duration `json:"window"`
	}
	var w window
	if err := json.Unmarshal([]byte(`{"window":"7d"}`), &w); err != nil || w.Window != 7*DayLen {
		t.Errorf("%v, %v", w, err)
	}
	b, err := json.Marshal(w)
	if err != nil || string(b) != `{"window":"7d"}` {
		t.Errorf("%s, %v", b, err)
	}
	for _, bad := range []string{`{"window":"7"}`, `{"window":7}`, `{"window":""}`} {
		if err := json.Unmarshal([]byte(bad), &w); err == nil {
			t.Errorf("%s was read as %v", bad, w)
		}
	}
}

func TestDuration_units(t *testing.T) {
	if got := (36 * Hour).Std(); got != 36*time.Hour {
		t.Errorf("got %v", got)
	}
	if got := Duration(math.MaxInt64).Std(); got != math.MaxInt64 {
		t.Errorf("a long duration is not cut but %v", got)
	}
	if got := (2 * Second).Micros(); got != 2_000_000 {
		t.Errorf("got %d", got)
	}
}
