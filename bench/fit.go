package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// fit measures the bare counts at several numbers of events, with persons in proportion, and prints the
// least-squares line of the analysis over the events: whether the cost grows with them and no faster.
func (b bench) fit(ctx context.Context, dir, sizes string, s size) error {
	var x, y []float64
	fmt.Println("| events | analysis, min s | process, min s | ns per event |")
	fmt.Println("|---|---|---|---|")
	for _, text := range strings.Split(sizes, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("-fit: %w", err)
		}
		s.Events, s.Persons = n, max(1, n/10)
		if b.dir, err = filepath.Abs(s.dir(dir)); err != nil {
			return err
		}
		if err := generate(ctx, s, b.dir); err != nil {
			return err
		}
		load := &sample{name: "load"}
		if err := load.process(ctx, b.vouch, "load", "--project", b.dir, "--quiet"); err != nil {
			return err
		}
		process, stage := &sample{name: "process"}, &sample{name: "analysis"}
		for range b.repeats {
			if err := b.count(ctx, "referral", process, stage, "--counts"); err != nil {
				return err
			}
		}
		fmt.Printf("| %d | %.3f | %.3f | %.1f |\n", n, stage.min(), process.min(), stage.min()/float64(n)*1e9)
		x, y = append(x, float64(n)), append(y, stage.min())
	}
	a, slope, r2 := line(x, y)
	fmt.Printf("\nseconds = %.4f + %.2f ns × events, R² = %.4f\n", a, slope*1e9, r2)
	return nil
}

// line is the least-squares line y = a + b·x and its coefficient of determination.
func line(x, y []float64) (a, b, r2 float64) {
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	var sxx, sxy, syy float64
	for i := range x {
		sxx += (x[i] - mx) * (x[i] - mx)
		sxy += (x[i] - mx) * (y[i] - my)
		syy += (y[i] - my) * (y[i] - my)
	}
	b = sxy / sxx
	return my - b*mx, b, sxy * sxy / (sxx * syy)
}
