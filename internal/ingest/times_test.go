package ingest

import (
	"database/sql"
	"testing"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

const stamp = "2006-01-02 15:04:05.000000"

func TestTimeSQL_texts(t *testing.T) {
	db := memory(t)
	for _, c := range []struct {
		text, format, zone, want string // want empty: no time
	}{
		// ISO 8601 in the forms exports use.
		{"2024-05-13T06:38:58.322Z", "", "", "2024-05-13 06:38:58.322000"},
		{"2024-05-13 06:38:58+02:00", "", "", "2024-05-13 04:38:58.000000"}, // the offset counts
		{"2024-05-13 06:38:58+0200", "", "", "2024-05-13 04:38:58.000000"},
		{"2024-05-13 06:38:58-05", "", "", "2024-05-13 11:38:58.000000"},
		{"2024-05-13T06:38Z", "", "", "2024-05-13 06:38:00.000000"},
		{"2024-05-13T06:38+02:00", "", "", "2024-05-13 04:38:00.000000"},
		{"2024-05-13 06:38", "", "", "2024-05-13 06:38:00.000000"},
		{"2024-05-13", "", "", "2024-05-13 00:00:00.000000"},
		{"2024-5-3", "", "", "2024-05-03 00:00:00.000000"},
		{"2024-05-13 06:38:58,123", "", "", "2024-05-13 06:38:58.123000"},
		{"2024-05-13T06:38:58.322z", "", "", "2024-05-13 06:38:58.322000"},
		{"2024-05-13 06:38:58 +02:00", "", "", "2024-05-13 04:38:58.000000"},
		{"2024-05-13 06:38:58 UTC", "", "", "2024-05-13 06:38:58.000000"},
		{"2024-05-13 06:38:58.123456789", "", "", "2024-05-13 06:38:58.123456"}, // cut, not rounded
		{"2024-05-13T06:38:58.123456789Z", "", "", "2024-05-13 06:38:58.123456"},
		{"2024-12-31T23:59:59.999999-12:00", "", "", "2025-01-01 11:59:59.999999"},
		// What a lax reader would guess.
		{"05/06/2024", "", "", ""},
		{"20240506", "", "", ""},
		{"epoch", "", "", ""},
		{"infinity", "", "", ""},
		{"2024-02-30", "", "", ""},
		{"2024-05-13 24:00:00", "", "", ""},
		{"2024-05-13 06:38:60", "", "", ""},
		{"2024-05-13 06:38:58 EST", "", "", ""},
		{"2024-05-13 06:38:58 Europe/Berlin", "", "", ""},
		{"1715582338", "", "", ""},
		{"2024-05-13T", "", "", ""},
		// A zone for times without one. Germany moved clocks on 2024-03-31 and 2024-10-27.
		{"2024-07-01 12:00:00", "", "Europe/Berlin", "2024-07-01 10:00:00.000000"},
		{"2024-01-01 12:00:00", "", "Europe/Berlin", "2024-01-01 11:00:00.000000"},
		{"2024-01-01", "", "Europe/Berlin", "2023-12-31 23:00:00.000000"},
		{"2024-07-01T12:00:00Z", "", "Europe/Berlin", "2024-07-01 12:00:00.000000"}, // its own zone wins
		{"2024-07-01T12:00:00-04:00", "", "Europe/Berlin", "2024-07-01 16:00:00.000000"},
		{"2024-03-31 01:59:59", "", "Europe/Berlin", "2024-03-31 00:59:59.000000"},
		{"2024-03-31 02:30:00", "", "Europe/Berlin", "2024-03-31 01:30:00.000000"}, // skipped: 03:30 summer time
		{"2024-03-31 03:00:00", "", "Europe/Berlin", "2024-03-31 01:00:00.000000"},
		{"2024-10-27 01:59:59", "", "Europe/Berlin", "2024-10-26 23:59:59.000000"},
		{"2024-10-27 02:30:00", "", "Europe/Berlin", "2024-10-27 01:30:00.000000"}, // twice: the second
		{"2024-10-27 03:00:00", "", "Europe/Berlin", "2024-10-27 02:00:00.000000"},
		// Formats.
		{"10/1/15", "%m/%d/%y", "", "2015-10-01 00:00:00.000000"},
		{"13.05.2024 06:38", "%d.%m.%Y %H:%M", "Europe/Berlin", "2024-05-13 04:38:00.000000"},
		{"2024-05-13 06:38 +0200", "%Y-%m-%d %H:%M %z", "Europe/Berlin", "2024-05-13 04:38:00.000000"},
		{"2024-05-13", "%d.%m.%Y", "", ""},
		{"31.02.2024", "%d.%m.%Y", "", ""},
		// Counts since 1970.
		{"1715582338", "unix", "Europe/Berlin", "2024-05-13 06:38:58.000000"},
		{"1715582338.5", "unix", "", "2024-05-13 06:38:58.500000"},
		{"1715582338322", "unix_ms", "", "2024-05-13 06:38:58.322000"},
		{"1715582338322111", "unix_us", "", "2024-05-13 06:38:58.322111"},
		{"1715582338.0", "unix_ms", "", "1970-01-20 20:33:02.338000"},
		{"2024-05-13", "unix", "", ""},
		{"1e9", "unix", "", ""},
		{"", "unix", "", ""},
	} {
		got := evaluate[time.Time](t, db, timeSQL("t", classText, c.format, c.zone), []string{c.text})
		text := ""
		if got[0].Valid {
			text = got[0].V.UTC().Format(stamp)
		}
		if text != c.want {
			t.Errorf("%q as %q in %q: %q, want %q", c.text, c.format, c.zone, text, c.want)
		}
	}
}

// Every hour of two years in two zones against Go's own zone tables; hours that clocks skip or repeat
// are left to the table above.
func TestTimeSQL_zonesAgreeWithGo(t *testing.T) {
	db := memory(t)
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		var texts, wants []string
		for at := time.Date(2024, 1, 1, 0, 15, 0, 0, time.UTC); at.Year() < 2026; at = at.Add(time.Hour) {
			local := at.In(loc)
			clock := local.Format("2006-01-02 15:04:05")
			_, before := local.Add(-2 * time.Hour).Zone()
			_, after := local.Add(2 * time.Hour).Zone()
			if before != after {
				continue
			}
			texts, wants = append(texts, clock), append(wants, at.Format(stamp))
		}
		for i, got := range evaluate[time.Time](t, db, timeSQL("t", classText, "", zone), texts) {
			if !got.Valid || got.V.UTC().Format(stamp) != wants[i] {
				t.Fatalf("%s in %s: %v, want %s", texts[i], zone, got, wants[i])
			}
		}
	}
}

// The local day of an instant against Go, through both clock changes.
func TestDayOf_agreesWithGo(t *testing.T) {
	db := memory(t)
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		var texts, wants []string
		for at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2025; at = at.Add(30 * time.Minute) {
			texts, wants = append(texts, at.Format(time.RFC3339)), append(wants, at.In(loc).Format(time.DateOnly))
		}
		for i, got := range evaluate[time.Time](t, db, dayOf(timeSQL("t", classText, "", ""), zone), texts) {
			if got.V.Format(time.DateOnly) != wants[i] {
				t.Fatalf("%s in %s: %v, want %s", texts[i], zone, got, wants[i])
			}
		}
	}
}

func TestDateSQL(t *testing.T) {
	db := memory(t)
	for _, c := range []struct{ text, format, want string }{
		{"2024-05-13", "", "2024-05-13"},
		{"2024-05-13 23:30:00", "", "2024-05-13"},       // the day that is written
		{"2024-05-13T23:30:00Z", "", "2024-05-14"},      // an instant: its day in Berlin
		{"2024-05-13T23:30:00+02:00", "", "2024-05-13"}, // likewise
		{"10/1/15", "%m/%d/%y", "2015-10-01"},
		{"1715639400", "unix", "2024-05-14"}, // 22:30 UTC
		{"2024-02-30", "", ""},
		{"13.05.2024", "", ""},
	} {
		got := evaluate[time.Time](t, db, dateSQL("t", classText, c.format, "", "Europe/Berlin"), []string{c.text})
		text := ""
		if got[0].Valid {
			text = got[0].V.Format(time.DateOnly)
		}
		if text != c.want {
			t.Errorf("%q as %q: %q, want %q", c.text, c.format, text, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	db := memory(t)
	whole := map[string]string{"5": "5", "+5": "5", "-7": "-7", "5.0": "5", "007": "7", "1.5": "", "1e3": "", "1_000": "", "0x10": "", "": "", "9223372036854775808": ""}
	for text, want := range whole {
		got := evaluate[string](t, db, "CAST("+intSQL("t", classText)+" AS VARCHAR)", []string{text})
		if got[0].V != want {
			t.Errorf("whole number %q: %q, want %q", text, got[0].V, want)
		}
	}
	decimals := map[string]string{"0.1": "0.100000000", "-.5": "-0.500000000", "1e-3": "0.001000000", "1.0000000005": "1.000000001", "1_0": "", "1,5": "", "nan": ""}
	for text, want := range decimals {
		got := evaluate[string](t, db, "CAST("+decimalSQL("t", classText)+" AS VARCHAR)", []string{text})
		if got[0].V != want {
			t.Errorf("decimal %q: %q, want %q", text, got[0].V, want)
		}
	}
}

// What the check of a configuration says of a format is what the engine says.
func TestUnknownSpecifier_agreesWithTheEngine(t *testing.T) {
	db := memory(t, t.TempDir())
	formats := []string{"%", "%Y%", "%Y %", "%%%", "%%%%", "%-", "%Y-%m-%dT%H:%M:%S.%f%z", "%d.%m.%Y %Q", "%é", "%-é", "%Y%-", "%%Q", "a%%-Q"}
	for c := rune(33); c < 127; c++ {
		formats = append(formats, "%"+string(c), "%-"+string(c), "%Y "+string(c))
	}
	var refused int
	for _, f := range formats {
		var out sql.NullTime
		err := engine.One(t.Context(), db, sqltext.Raw("test", "SELECT try_strptime('2026', "+literal(f)+")"), &out)
		if got := unknownSpecifier(f); (got != "") != (err != nil) {
			t.Errorf("%s: %q, the engine says %v", f, got, err)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("the engine refuses %d formats only: the test shows little", refused)
	}
}
