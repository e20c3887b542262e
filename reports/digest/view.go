package digest

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"strings"

	"vouch/reports"
	"vouch/reports/chart"
)

//go:embed mail.tmpl
var mailFiles embed.FS

var mailTemplate = template.Must(template.New("mail.tmpl").Funcs(template.FuncMap{
	"tone": toneColour, "bar": func(width int) template.CSS { return template.CSS(fmt.Sprintf("width:%dpx", width)) },
	"list": func(head string, items []string) list { return list{head, items} },
	"cid":  func(id string) template.URL { return template.URL("cid:" + id) },
}).ParseFS(mailFiles, "mail.tmpl"))

// view is what the templates write.
type view struct {
	*reports.Summary
	Subject  string
	Pictures []picture
	Bars     []bar
	Run      string
}

// list is a heading with sentences.
type list struct {
	Head  string
	Items []string
}

// picture is one embedded PNG; Alt says in words what it shows, for readers who block pictures.
type picture struct {
	CID, Alt string
	Caption  string
	png      []byte
}

// bar is a row of the table of movers with a bar made of a table cell.
type bar struct {
	Name, Title, Before, Now, Change string
	Width                            int
	Up                               bool
}

// pictured are the figures that get a picture.
var pictured = []string{"customers", "revenue"}

// newView gathers what the message shows.
func newView(b *reports.Bundle, s *reports.Summary) (*view, error) {
	v := &view{Summary: s, Run: b.Run.ID}
	n := reports.Numbers{Currency: b.Project.Currency}
	for _, name := range pictured {
		f, ok := reports.Figure(b.Weekly, name)
		if !ok {
			continue
		}
		p := chart.Picture{Values: f.Series, Ticks: ticks(len(f.Series)), Format: func(x float64) string { return trimZeros(plainSpaces(n.Number(x))) }}
		label, value := title(name), n.Estimate(f.Value, reports.KindCount)
		if f.Unit == "money" {
			p.Format = func(x float64) string { return strings.TrimSuffix(plainSpaces(n.Money(x)), ".00") }
			value = n.Estimate(f.Value, reports.KindMoney)
		}
		png, err := p.PNG()
		if errors.Is(err, chart.ErrNoValues) {
			continue
		}
		if err != nil {
			return nil, err
		}
		v.Pictures = append(v.Pictures, picture{
			CID: name + "-13-weeks", png: png, Caption: fmt.Sprintf("%s, last %d weeks", label, len(f.Series)),
			Alt: fmt.Sprintf("%s in the last %d weeks, %s in week %s", label, len(f.Series), value, s.Week),
		})
	}
	v.Bars = bars(s)
	return v, nil
}

// ticks labels the weeks back from the one of the message.
func ticks(n int) []string {
	out := make([]string, n)
	for i := range out {
		switch back := n - 1 - i; {
		case back == 0:
			out[i] = "this week"
		case back%4 == 0:
			out[i] = fmt.Sprintf("-%d weeks", back)
		}
	}
	return out
}

// plainSpaces replaces no-break spaces, which the picture's font has but does not advance by.
func plainSpaces(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u2212", "-").Replace(s)
}

// trimZeros takes the zeros off the end of a decimal number: ticks are round.
func trimZeros(s string) string {
	if !strings.Contains(s, ".") || strings.Contains(s, "e") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// barWidth is the width of the longest bar in pixels.
const barWidth = 90

// bars turns the table of movers into rows with bars.
func bars(s *reports.Summary) []bar {
	if s.Movers == nil {
		return nil
	}
	var out []bar
	var longest float64
	sizes := make([]float64, len(s.Movers.Rows))
	for i, r := range s.Movers.Rows {
		if _, err := fmt.Sscan(r[3].Sort, &sizes[i]); err != nil {
			sizes[i] = 0
		}
		longest = max(longest, sizes[i], -sizes[i])
	}
	for i, r := range s.Movers.Rows {
		b := bar{Name: r[0].Text, Title: r[0].Title, Before: r[1].Text, Now: r[2].Text, Change: r[3].Text, Up: sizes[i] > 0}
		if longest > 0 {
			b.Width = int(barWidth * max(sizes[i], -sizes[i]) / longest)
		}
		out = append(out, b)
	}
	return out
}

// toneColour gives a tone a mid colour that reads on white and on black.
func toneColour(tone string) template.CSS {
	switch tone {
	case "better":
		return "color:#0a7a4e"
	case "worse":
		return "color:#c2410c"
	}
	return "color:#6b7280"
}

// html writes the HTML part.
func (v *view) html() (string, error) {
	var buf bytes.Buffer
	if err := mailTemplate.Execute(&buf, v); err != nil {
		return "", err
	}
	return buf.String(), nil
}

// text writes the plain part: the same order, no markup, lines that wrap by themselves.
func (v *view) text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", strings.Join(v.Header, " · "))
	line("\n%s\n", v.Lead)
	for _, f := range v.Figures {
		line("%-18s %s (week before: %s; %s)", f.Name+":", f.Value, f.Previous, f.Change)
	}
	if v.MoverText != "" {
		line("\nWHAT MOVED\n%s", v.MoverText)
		for _, r := range v.Movers.Rows {
			line("  %s: %s, was %s (%s)", r[0].Text, r[2].Text, r[1].Text, r[3].Text)
		}
		line("  Total: %s, was %s (%s)", v.Movers.Foot[2].Text, v.Movers.Foot[1].Text, v.Movers.Foot[3].Text)
	}
	list := func(head string, items []string) {
		if len(items) == 0 {
			return
		}
		line("\n%s", strings.ToUpper(head))
		for _, t := range items {
			line("- %s", t)
		}
	}
	list("Experiments", v.Experiments)
	list("What to do", v.Moves)
	list("Alerts", v.Alerts)
	list("Next week", v.Next)
	line("\nRun %s. Every number with its cases, interval and SQL: weekly.html in the run's out folder.", v.Run)
	return b.String()
}
