package reports

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/experiments"
	"vouch/internal/files"
	"vouch/referral"
)

// slug makes an anchor and file name of a name from the configuration, different for different
// names.
func slug(s string) string { return files.SafeName(s) }

// byNames are the words for what a breakdown groups by.
var byNames = map[string]string{
	"partner_id": "partners", "partner": "partners", "channel": "channels", "campaign": "campaigns", "tier": "tiers", "archetype": "archetypes",
	"referrer_id": "referrers", "referral_code": "referral codes", "order_id": "orders", "currency": "currencies", "status": "statuses", "source": "sources",
	"partner.archetype": "archetypes", "partner.tier": "tiers", "partner.industry": "industries", "partner.region": "regions", "partner.audience": "audiences",
	"partner.owner": "owners",
}

// byName says in words what a breakdown groups by, several of them: "partners", "cohorts by month",
// "values of plan".
func byName(by string) string {
	if n, ok := byNames[by]; ok {
		return n
	}
	for prefix, n := range map[string]string{"cohort.": "cohorts by ", "acquired.": "acquisitions by "} {
		if grain, ok := strings.CutPrefix(by, prefix); ok {
			return n + grain
		}
	}
	return "values of " + bareName(by)
}

// byHead heads the column of a breakdown: byName, or just the name of a property.
func byHead(by string) string { return title(strings.TrimPrefix(byName(by), "values of ")) }

// bareName is the name of a property of events or an attribute of persons.
func bareName(by string) string {
	return strings.TrimPrefix(strings.TrimPrefix(by, "prop."), "person.")
}

// title writes the first letter large.
func title(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// sentence makes a sentence of a clause: first letter large, one full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	return title(strings.TrimRight(s, ".")) + "."
}

// amounts are amounts as analyses write them in sentences: "EUR 25174.80".
var amounts = regexp.MustCompile(`\b([A-Z]{3}) (-?[0-9]{4,}(?:\.[0-9]+)?)\b`)

// prettyMoney puts thousands separators into the amounts of a sentence.
func (w *writer) prettyMoney(s string) string {
	return amounts.ReplaceAllStringFunc(s, func(m string) string {
		if m[:3] != w.n.Currency {
			return m
		}
		return m[:3] + nbsp + group(m[4:])
	})
}

// pretty does so for findings.
func (w *writer) pretty(fs []referral.Finding) []referral.Finding {
	out := slices.Clone(fs)
	for i := range out {
		out[i].Detail = w.prettyMoney(out[i].Detail)
	}
	return out
}

// plural names several of an experiment's units.
func plural(unit string) string {
	return experiments.UnitName(unit) + "s"
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}

// partnerNames returns the name of each partner id.
func (w *writer) partnerNames() map[string]string {
	out := map[string]string{}
	if w.b.Partners == nil {
		return out
	}
	for _, r := range w.b.Partners.Partners {
		out[r.PartnerID] = r.Name
	}
	return out
}

// keyCell makes a cell of a group's key: the partner's name where there is one, the key on hover and
// in the file.
func (w *writer) keyCell(by, key string, names map[string]string) Cell {
	if key == "" {
		c := text("none")
		if by == "partner_id" {
			c = text("no partner")
		}
		c.CSV = []string{""}
		return c
	}
	n, ok := names[key]
	if by != "partner_id" || !ok || n == "" {
		return name(key)
	}
	c := name(n)
	c.Title, c.CSV = n+" ("+key+")", []string{key}
	return c
}
