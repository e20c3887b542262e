package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// plainFunnel is the funnel of the small project from line 15 of its file on.
const plainFunnel = "    steps: [invite_sent, invite_clicked, signed_up, purchase]\n    window: 30d\n    by: partner_id\n"

// TestMain_badFunnel writes funnels that cannot be meant. Each is refused as configuration with its place
// and what to do, by the command that would compute it and by the one that checks.
func TestMain_badFunnel(t *testing.T) {
	const steps = "    steps: [invite_sent, purchase]\n"
	dir := small(t)
	if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
		t.Fatal(stderr)
	}
	path := filepath.Join(dir, "vouch.yaml")
	good, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(good), plainFunnel) {
		t.Fatalf("the small project has another funnel: %v", err)
	}
	for name, c := range map[string]struct{ body, at, says string }{
		"no steps":               {"    steps: []\n", "15:5", "there are no steps"},
		"steps left out":         {"    window: 30d\n", "14:3", "steps"},
		"duplicate names":        {"    steps: [invite_sent, purchase, purchase]\n", "15:36", `"purchase" is the name of steps[1] already`},
		"misspelt event":         {"    steps: [invite_sent, purchse]\n", "15:26", `"purchse" is not in the event catalogue (did you mean "purchase"?)`},
		"misspelt exclusion":     {steps + "    exclusions: [{event: refnd, from: 0, to: 1}]\n", "16:26", `did you mean "refund"?`},
		"negative window":        {steps + "    window: -7d\n", "16:13", "is not a duration"},
		"zero window":            {steps + "    window: 0d\n", "16:13", "no time at all"},
		"window without unit":    {steps + "    window: 7\n", "16:13", "30d"},
		"too few windows":        {"    steps: [invite_sent, signed_up, purchase]\n    windows: [7d]\n", "16:5", "want 2, got 1"},
		"too many windows":       {steps + "    windows: [7d, 30d]\n", "16:5", "want 1, got 2"},
		"zero among windows":     {steps + "    windows: [0d]\n", "16:15", "no time at all"},
		"unknown column":         {steps + "    by: chanel\n", "16:9", `did you mean "channel"?`},
		"unknown segment":        {steps + "    by: partner.teir\n", "16:9", `did you mean "partner.tier"?`},
		"property of no event":   {steps + "    by: prop.plan\n", "16:9", `no event carries "prop.plan"`},
		"attribute of nobody":    {steps + "    by: {property: person.plan, attribution: first_touch}\n", "16:20", `no person carries "person.plan"`},
		"unknown unit":           {steps + "    unit: partners\n", "16:11", `did you mean "partner_id"?`},
		"unknown reading":        {steps + "    late: dorp\n", "16:11", `did you mean "drop"?`},
		"no groups":              {steps + "    top: 0\n", "16:10", "from 1 to 1000"},
		"hold the unit":          {steps + "    unit: order_id\n    hold: [order_id]\n", "17:12", "is the unit"},
		"condition":              {"    steps: [invite_sent, {name: purchase, where: {stauts: paid}}]\n", "15:59", `"stauts" is not a field of events (did you mean "status"?`},
		"tolerance and strict":   {steps + "    order: strict\n    tolerance: 5s\n", "17:16", "tolerance and order strict exclude each other"},
		"tolerance and totals":   {steps + "    counting: totals\n    tolerance: 5s\n", "17:16", "tolerance and counting totals exclude each other"},
		"trend and totals":       {steps + "    counting: totals\n    trend: week\n", "17:12", "trend and counting totals exclude each other"},
		"unordered step windows": {steps + "    order: unordered\n    windows: [7d]\n", "17:15", "window and order unordered exclude each other"},
		"by and breakdown":       {steps + "    by: channel\n    breakdown: {property: channel}\n", "16:9", "both are given"},
		"exclusion beyond":       {steps + "    exclusions: [{event: refund, from: 0, to: 2}]\n", "16:18", "want 0 ≤ from < to < 2"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(strings.Replace(string(good), plainFunnel, c.body, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, command := range [][]string{{"funnel", "referral"}, {"check"}} {
				code, _, stderr := run(t, append(command, "--project", dir)...)
				if code != exitConfig {
					t.Errorf("%s: exit code %d, want %d: %s", command[0], code, exitConfig, stderr)
				}
				if !strings.Contains(stderr, "vouch.yaml:"+c.at+":") || !strings.Contains(stderr, c.says) {
					t.Errorf("%s: want vouch.yaml:%s and %q, got: %s", command[0], c.at, c.says, stderr)
				}
			}
		})
	}
}

// TestMain_funnelOfTheFuture wants an exclusion by an event that nothing in the data is near to let through,
// since it may be still to come: the funnel says so and the check lists it. A step that nothing can serve is
// refused.
func TestMain_funnelOfTheFuture(t *testing.T) {
	dir := small(t)
	replace(t, filepath.Join(dir, "vouch.yaml"), plainFunnel, "    steps: [invite_sent, purchase]\n    exclusions: [{event: cancelled, from: 0, to: 1}]\n")
	if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
		t.Fatal(stderr)
	}
	code, stdout, stderr := run(t, "funnel", "referral", "--project", dir)
	if code != exitOK || !strings.Contains(stderr, `event "cancelled" never occurs in the data`) {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = run(t, "check", "--project", dir, "--format", "csv")
	if code != exitOK || !strings.Contains(stdout, `events of funnel referral that never occurred,1,"correct the names, or wait for them: cancelled"`) {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	replace(t, filepath.Join(dir, "vouch.yaml"), "steps: [invite_sent, purchase]\n    exclusions", "steps: [invite_sent, renewal]\n    exclusions")
	for _, command := range [][]string{{"funnel", "referral"}, {"check"}} {
		code, _, stderr := run(t, append(command, "--project", dir)...)
		if code != exitConfig || !strings.Contains(stderr, `"renewal" is not in the event catalogue (the data have no such event)`) {
			t.Errorf("%s: exit code %d: %s", command[0], code, stderr)
		}
	}
}

// TestMain_nobodyEntered wants a funnel without entrants answered in words.
func TestMain_nobodyEntered(t *testing.T) {
	dir := small(t)
	replace(t, filepath.Join(dir, "vouch.yaml"), plainFunnel, "    steps: [invite_sent, purchase]\n    unit: order_id\n    by: partner.tier\n    entry_from: 2090-01-01\n")
	if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
		t.Fatal(stderr)
	}
	code, stdout, stderr := run(t, "funnel", "referral", "--project", dir)
	if code != exitOK || !strings.Contains(stdout, "Nobody entered") || !strings.Contains(stderr, "nobody entered the funnel") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}
