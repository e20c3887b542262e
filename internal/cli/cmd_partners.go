package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"vouch/funnel"
	"vouch/internal/pipeline"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
)

func (a *app) partnersCommand() *cobra.Command {
	var archetype, tier string
	c := &cobra.Command{
		Use: "partners", Short: "Which partners earn their money?", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				r, err := partnerResult(cmd.Context(), s)
				if err != nil {
					return answer{}, err
				}
				r.Partners = filterPartners(r.Partners, archetype, tier)
				return answer{
					schema: "vouch.partners/1", findings: r.Findings, result: r, tables: partnerTables(r),
					text: func(w io.Writer) { partnersText(w, r, a.env.Width) },
				}, nil
			})
		},
	}
	c.Flags().StringVar(&archetype, "archetype", "", "only partners of this archetype")
	c.Flags().StringVar(&tier, "tier", "", "only partners of this tier")
	return c
}

func partnerResult(ctx context.Context, s *session) (r partners.Result, err error) {
	err = s.timings.Stage("partners", func() (err error) {
		r, err = s.Partners(ctx)
		return err
	})
	return r, err
}

func filterPartners(rows []partners.Row, archetype, tier string) []partners.Row {
	if archetype == "" && tier == "" {
		return rows
	}
	out := []partners.Row{}
	for _, r := range rows {
		if (archetype == "" || r.Archetype == archetype) && (tier == "" || r.Tier == tier) {
			out = append(out, r)
		}
	}
	return out
}

func partnersText(w io.Writer, r partners.Result, width int) {
	fmt.Fprintf(w, "partners · %s to %s · %s, credit %s, margin %s\n\n", r.From, r.To, r.Currency, r.Credit, r.Margin)
	t := newTable("", 3, "partner", "name", "archetype", "customers", "cost", "revenue", "CPA", "95 %", "LTV", "ROI", "payback", "action")
	t.left[11] = true
	for _, p := range byMoney(r) {
		t.add(partnerCells(p, r.Currency)...)
	}
	if r.Programme != nil {
		all := *r.Programme
		all.PartnerID, all.Name = "programme", ""
		t.add(partnerCells(all, r.Currency)...)
	}
	t.fit(width, "95 %", "archetype", "payback", "LTV", "name", "revenue")
	writeTables(w, []table{t})
	fmt.Fprintf(w, "\n  money in %s; payback in months; one partner: vouch partner ID\n", r.Currency)
}

// byMoney orders the partners by what they brought over what they cost, the row of no partner last.
// The margin scales every row alike, so revenue at the margin is compared in millionths.
func byMoney(r partners.Result) []partners.Row {
	margin, err := strconv.ParseFloat(r.Margin, 64)
	if err != nil {
		margin = 1
	}
	net := func(p partners.Row) float64 { return margin*float64(p.RevenueMinor) - float64(p.CostMinor) }
	last := func(p partners.Row) int {
		if p.PartnerID == "" {
			return 1
		}
		return 0
	}
	rows := slices.Clone(r.Partners)
	slices.SortStableFunc(rows, func(a, b partners.Row) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(net(b), net(a)))
	})
	return rows
}

func partnerCells(p partners.Row, cur string) []string {
	id := printable(p.PartnerID)
	if id == "" {
		id = "(none)"
	}
	roi := reason(p.ROI)
	if p.ROI.Value != nil {
		roi = fmt.Sprintf("%+.0f %%", 100**p.ROI.Value)
	}
	payback := reason(p.PaybackMonths)
	if p.PaybackMonths.Value != nil {
		payback = strconv.FormatFloat(*p.PaybackMonths.Value, 'f', -1, 64)
	}
	between := ""
	switch {
	case p.CPA.Lo != nil && p.CPA.Hi != nil:
		between = money(int64(math.Round(*p.CPA.Lo)), cur) + "–" + money(int64(math.Round(*p.CPA.Hi)), cur)
	case p.CPA.Lo != nil:
		between = "at least " + money(int64(math.Round(*p.CPA.Lo)), cur)
	}
	return []string{
		shorten(id, 16), shorten(printable(p.Name), 24), p.Archetype, thousandsMicro(int64(p.Acquisitions)),
		money(p.CostMinor, cur), money(p.RevenueMinor, cur), moneyOf(p.CPA, cur), between, moneyOf(p.LTV, cur), roi, payback, p.Action,
	}
}

func partnerTables(r partners.Result) []table {
	t := newTable("", 4, "partner_id", "name", "archetype", "tier", "persons", "acquisitions", "cost_minor", "revenue_minor",
		"cpa_minor", "cpa_lo_minor", "cpa_hi_minor", "roi", "ltv_minor", "ltv_to_cac", "payback_months", "action")
	t.left[15] = true
	for _, p := range r.Partners {
		t.add(p.PartnerID, p.Name, p.Archetype, p.Tier, strconv.FormatInt(p.Persons, 10), string(*referral.Micros(int64(p.Acquisitions))),
			strconv.FormatInt(p.CostMinor, 10), strconv.FormatInt(p.RevenueMinor, 10), exact(p.CPA.Value), exact(p.CPA.Lo), exact(p.CPA.Hi),
			exact(p.ROI.Value), exact(p.LTV.Value), exact(p.LTVToCAC.Value), exact(p.PaybackMonths.Value), p.Action)
	}
	return []table{t}
}

// partnerAnswer is one partner's part of every result.
type partnerAnswer struct {
	Partner    partners.Row                 `json:"partner"`
	Funnels    map[string][]funnelStepShort `json:"funnels"`
	Conversion map[string]partnerConversion `json:"conversion"`
}

// partnerConversion says how well and how fast the partner's people come through a funnel.
type partnerConversion struct {
	Shrunk             *referral.Estimate `json:"shrunk"`
	VersusRest         *funnel.Comparison `json:"versus_rest"`
	Velocity           funnel.Quantiles   `json:"velocity"`
	VelocityConverting funnel.Quantiles   `json:"velocity_converting"`
	Cost               *funnel.Cost       `json:"cost"`
}

type funnelStepShort struct {
	Name      string             `json:"name"`
	Persons   int64              `json:"persons"`
	FromFirst *referral.Estimate `json:"from_first"`
}

func (a *app) partnerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "partner ID", Short: "Everything about one partner", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				r, err := partnerResult(cmd.Context(), s)
				if err != nil {
					return answer{}, err
				}
				ans, err := onePartner(cmd.Context(), s.Project, r, args[0])
				if err != nil {
					return answer{}, err
				}
				one := partners.Result{From: r.From, To: r.To, Currency: r.Currency, Margin: r.Margin, Credit: r.Credit, Partners: []partners.Row{ans.Partner}}
				return answer{
					schema: "vouch.partner/1", findings: findingsOf(r.Findings, args[0]), result: ans, tables: partnerTables(one),
					text: func(w io.Writer) { partnerText(w, r, ans) },
				}, nil
			})
		},
	}
}

// onePartner picks the partner's row and its group in every funnel that is broken down by partner.
func onePartner(ctx context.Context, p *pipeline.Project, r partners.Result, id string) (partnerAnswer, error) {
	ans := partnerAnswer{Funnels: map[string][]funnelStepShort{}, Conversion: map[string]partnerConversion{}}
	var ids []string
	found := false
	for _, row := range r.Partners {
		ids = append(ids, row.PartnerID)
		if row.PartnerID == id {
			ans.Partner, found = row, true
		}
	}
	if !found {
		msg := fmt.Sprintf("there is no partner %q", id)
		if s := referral.Suggest(id, ids); s != "" {
			msg += fmt.Sprintf("; did you mean %q?", s)
		}
		return ans, usageError{errors.New(msg)}
	}
	for _, name := range sortedKeys(p.Cfg.Funnels) {
		if !byPartner(p.Cfg.Funnels[name]) {
			continue
		}
		f, err := p.Funnel(ctx, name, false)
		if err != nil {
			return ans, err
		}
		for _, g := range f.Groups {
			if g.Key != id {
				continue
			}
			for _, st := range g.Steps {
				ans.Funnels[name] = append(ans.Funnels[name], funnelStepShort{st.Name, st.Persons, st.FromFirst})
			}
			ans.Conversion[name] = partnerConversion{g.Shrunk, g.VersusRest, g.Velocity, g.VelocityConverting, g.Cost}
		}
	}
	return ans, nil
}

// byPartner reports whether a funnel is broken down by partner.
func byPartner(d funnel.Definition) bool {
	return d.By != nil && d.By.Property == "partner_id" || d.Breakdown != nil && d.Breakdown.Property == "partner_id"
}

func findingsOf(fs []referral.Finding, subject string) []referral.Finding {
	var out []referral.Finding
	for _, f := range fs {
		if f.Subject == subject {
			out = append(out, f)
		}
	}
	return out
}

func partnerText(w io.Writer, r partners.Result, ans partnerAnswer) {
	p := ans.Partner
	fmt.Fprintf(w, "%s · %s · %s · %s to %s\n\n", printable(p.PartnerID), printable(p.Name), p.Archetype, r.From, r.To)
	if p.Action != "" {
		fmt.Fprintf(w, "  %s: %s\n\n", p.Action, p.Reason)
	}
	t := newTable("", 1, "figure", "value")
	c := partnerCells(p, r.Currency)
	labels := []string{
		3: "customers", 4: "cost, " + r.Currency, 5: "revenue, " + r.Currency, 6: "CPA, " + r.Currency,
		7: "CPA 95 %", 8: "LTV to date, " + r.Currency, 9: "ROI", 10: "payback, months",
	}
	for i := 3; i < len(labels); i++ {
		t.add(labels[i], c[i])
	}
	writeTables(w, []table{t})
	for _, name := range sortedKeys(ans.Funnels) {
		fmt.Fprintf(w, "\n  funnel %s\n\n", name)
		f := newTable("", 1, "step", "persons", "from first", "95 %")
		for _, st := range ans.Funnels[name] {
			f.add(st.Name, referral.Thousands(st.Persons), percent(st.FromFirst), percentRange(st.FromFirst))
		}
		writeTables(w, []table{f})
		conversionText(w, ans.Conversion[name])
	}
}

// conversionText compares the partner's people with the rest, in words, and says how long they take.
func conversionText(w io.Writer, c partnerConversion) {
	words := map[string]string{"above": "above the rest", "below": "below the rest", "unclear": "no clear difference to the rest"}
	if v := c.VersusRest; v != nil && v.Difference.Known() {
		d := v.Difference
		line := fmt.Sprintf("\n  %s: %+.1f pp", words[v.Decision], 100**d.Value)
		if d.Lo != nil && d.Hi != nil {
			line += fmt.Sprintf(" (%+.1f to %+.1f)", 100**d.Lo, 100**d.Hi)
		}
		if c.Shrunk != nil && c.Shrunk.Known() {
			line += fmt.Sprintf("; to expect next %s (%s)", percent(c.Shrunk), percentRange(c.Shrunk))
		}
		fmt.Fprintln(w, line)
	}
	if half := c.VelocityConverting["0.5"]; half != nil {
		line := "  of those who come through half within " + seconds(*half)
		if nine := c.VelocityConverting["0.9"]; nine != nil {
			line += ", nine in ten within " + seconds(*nine)
		}
		fmt.Fprintln(w, line)
	}
}

func (a *app) attributionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "attribution NAME", Short: "Who gets credit for the customers, under each model?", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				var r attribution.Result
				err := s.timings.Stage("attribution", func() (err error) {
					r, err = s.Attribution(cmd.Context(), args[0])
					return err
				})
				if err != nil {
					return answer{}, err
				}
				t := newTable(fmt.Sprintf("%s · by %s · value in %s", r.Name, r.By, r.Currency), 2, "model", "key", "conversions", "value")
				x := newTable("", 2, "model", "key", "acquisitions", "value_minor")
				for _, m := range r.Models {
					for _, c := range m.Credits {
						t.add(m.Name, shorten(printable(c.Key), 32), c.Acquisitions.String(), money(c.ValueMinor, r.Currency))
						x.add(m.Name, c.Key, c.Acquisitions.String(), strconv.FormatInt(c.ValueMinor, 10))
					}
				}
				return answer{
					schema: "vouch.attribution/1", findings: r.Findings, result: r, tables: []table{x},
					text: func(w io.Writer) { writeTables(w, []table{t}) },
				}, nil
			})
		},
	}
}
