package ltv

import (
	"compress/gzip"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"vouch/internal/publicdata"
)

// cdnow reads the CDNOW sample of 2,357 customers who first bought in the first quarter of 1997: their histories in weeks to
// 30 September 1997, days with several purchases as one, what they bought in the 39 weeks after, and the mean of
// their repeat spends.
func cdnow(t testing.TB) (outcomes []Outcome, spends []Spend) {
	t.Helper()
	f, err := os.Open(filepath.Join(publicdata.Dir(t, "cdnow"), "cdnow_sample.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	end := time.Date(1997, 9, 30, 0, 0, 0, 0, time.UTC)
	type customer struct {
		days  []int // since the end of calibration, in order
		spent []float64
	}
	customers, order := map[string]*customer{}, []string{}
	for _, r := range rows[1:] {
		day, err := time.Parse(time.DateOnly, r[column["date"]])
		if err != nil {
			t.Fatal(err)
		}
		dollars, err := strconv.ParseFloat(r[column["dollars"]], 64)
		if err != nil {
			t.Fatal(err)
		}
		id := r[column["sample_id"]]
		c := customers[id]
		if c == nil {
			c = &customer{}
			customers[id], order = c, append(order, id)
		}
		d := int(day.Sub(end).Hours() / 24)
		if n := len(c.days); n > 0 && c.days[n-1] == d {
			c.spent[n-1] += dollars
			continue
		} else if n > 0 && c.days[n-1] > d {
			t.Fatalf("customer %s is not in order of time", id)
		}
		c.days, c.spent = append(c.days, d), append(c.spent, dollars)
	}
	for _, id := range order {
		c := customers[id]
		o := Outcome{Pattern: Pattern{History{Age: float64(-c.days[0]) / 7}, 1}}
		sum := 0.0
		for i := 1; i < len(c.days); i++ {
			if c.days[i] > 0 {
				o.Bought++
				continue
			}
			o.Repeats++
			o.Recency = float64(c.days[i]-c.days[0]) / 7
			sum += c.spent[i]
		}
		s := Spend{Repeats: o.Repeats, Count: 1}
		if o.Repeats > 0 && sum > 0 {
			s.Mean = sum / float64(o.Repeats)
		} else if o.Repeats > 0 {
			s.Repeats = 0 // nothing but free orders: no spend to learn from
		}
		outcomes, spends = append(outcomes, o), append(spends, s)
	}
	return outcomes, spends
}

func cdnowSample(t testing.TB) ([]Outcome, Sample) {
	outcomes, _ := cdnow(t)
	patterns := make([]Pattern, len(outcomes))
	for i, o := range outcomes {
		patterns[i] = o.Pattern
	}
	s, err := NewSample(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes, s
}

func parameters[M any](t *testing.T, what string, f Fit[M], rel float64, logLikelihood float64, want ...float64) {
	t.Helper()
	if !f.Usable() || !f.Converged || f.Reason != "" {
		t.Fatalf("%s: %+v", what, f)
	}
	for i, w := range want {
		near(t, what+" "+f.Parameters[i].Name, f.Parameters[i].Value, w, rel, 0)
		if f.Parameters[i].SE == nil || f.Parameters[i].Flat {
			t.Errorf("%s: %+v", what, f.Parameters[i])
		}
	}
	near(t, what+" log-likelihood", *f.LogLikelihood, logLikelihood, 0, 1e-4)
	t.Logf("%s: %d evaluations", what, f.Evaluations)
}

// The published fits of CDNOW: Fader, Hardie and Lee (2005) for BG/NBD (.243, 4.414, .793, 2.426; −9582.4) and
// Pareto/NBD (.553, 10.578, .606, 11.669; −9595.0); further digits by refits with scipy 1.17.1 on exact days.
func TestFit_cdnow(t *testing.T) {
	_, s := cdnowSample(t)
	if s.Customers() != 2357 || len(s.Patterns()) != 1016 || s.Repeaters() != 946 {
		t.Fatalf("%d customers with %d patterns, %d of them repeated", s.Customers(), len(s.Patterns()), s.Repeaters())
	}
	bg := FitBGNBD(s)
	parameters(t, "BG/NBD", bg, 2e-5, -9582.4292067, 0.2425945, 4.413602, 0.792922, 2.425907)
	for i, se := range []float64{0.012557, 0.37822, 0.18573, 0.70541} {
		near(t, "standard error of "+bg.Parameters[i].Name, *bg.Parameters[i].SE, se, 1e-4, 0)
	}
	parameters(t, "MBG/NBD", FitMBGNBD(s), 1e-5, -9582.1357156, 0.52484317, 6.1830854, 0.89135933, 1.6140021)
	parameters(t, "Pareto/NBD", FitParetoNBD(s), 1e-4, -9594.9762, 0.553277, 10.5777, 0.60624, 11.6687)
	parameters(t, "NBD", FitNBD(s), 1e-6, -9763.6576, 0.38476614, 12.072023)
}

// Spend of CDNOW: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value: 6.25, 3.74, 15.44.
func TestFitGammaGamma_cdnow(t *testing.T) {
	_, rows := cdnow(t)
	s, err := NewSpends(rows)
	if err != nil {
		t.Fatal(err)
	}
	f := FitGammaGamma(s)
	parameters(t, "Gamma-Gamma", f, 2e-4, -4055.9177, 6.2496, 3.7442, 15.4435)
	if mean, ok := f.Model.Population(); !ok || mean < 35.1 || mean > 35.3 {
		t.Errorf("population mean %v", mean)
	}
}

// The hold-out by frequency, as the paper plots it: actual purchases of each class.
func TestByFrequency_cdnow(t *testing.T) {
	outcomes, s := cdnowSample(t)
	classes, err := ByFrequency(FitBGNBD(s).Model, outcomes, 39, 7)
	if err != nil {
		t.Fatal(err)
	}
	total, expected := 0.0, 0.0
	for i, want := range []struct {
		customers int64
		actual    float64
	}{{1411, 0.2367}, {439, 0.6970}, {214, 1.3925}, {100, 1.56}, {62, 2.5323}, {38, 2.9474}, {29, 3.8621}, {64, 6.3594}} {
		if classes[i].Customers != want.customers {
			t.Errorf("class %d has %d customers", i, classes[i].Customers)
		}
		near(t, "actual mean", *classes[i].ActualMean, want.actual, 0, 1e-4)
		total += classes[i].Actual
		expected += classes[i].Expected
	}
	if total != 1882 || expected < 1652 || expected > 1654 {
		t.Errorf("%v purchases, %v expected", total, expected)
	}
}
