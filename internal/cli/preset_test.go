package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"vouch/internal/config"
)

// What a preset shows in comments is valid once the signs of the comment are taken away.
func TestPresets_commentedExamples(t *testing.T) {
	text, err := presets.ReadFile("preset/events.yaml")
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`(?m)^( *)# (- \{|( *)(orders|unit|steps|window|hold|exclusions|experiments|reward|control|weights|rewards|cuped|stopping|metrics):|  +- \{)`)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), comment.ReplaceAll(text, []byte("$1$2")), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(dir, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := cfg.Funnels["orders"]; !ok || f.Unit != "order_id" || len(f.Exclusions) != 1 || len(f.Hold)+len(f.HoldConstant) == 0 {
		t.Errorf("funnel %+v", f)
	}
	x, ok := cfg.Experiments["reward"]
	if !ok || x.Stopping.Units != 4000 || x.Cuped.Before == 0 || len(x.Metrics) != 3 || x.Metrics[2].Margin.Absolute != 0.02 || len(cfg.Sources) != 4 {
		t.Errorf("experiment %+v, %d sources", x, len(cfg.Sources))
	}
}
