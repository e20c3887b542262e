package config

import (
	"fmt"
	"maps"
	"net/mail"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"vouch/internal/files"
	"vouch/internal/schema"
	"vouch/referral"
	"vouch/reports/digest"
)

// validate checks what the types cannot: values against each other, the calendar, the currencies
// and the rules of each definition.
func (l *loader) validate() {
	c := l.cfg
	l.programme()
	l.machine()
	l.sources()
	for _, name := range slices.Sorted(maps.Keys(c.Funnels)) {
		definition(l, "funnels", name, c.Funnels[name])
	}
	for _, name := range slices.Sorted(maps.Keys(c.Cohorts)) {
		definition(l, "cohorts", name, c.Cohorts[name])
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attribution)) {
		definition(l, "attribution", name, c.Attribution[name])
	}
	for _, name := range slices.Sorted(maps.Keys(c.Experiments)) {
		definition(l, "experiments", name, c.Experiments[name])
	}
	l.guards()
	l.mail()
}

// programme checks what defines time and money of the project.
func (l *loader) programme() {
	c := l.cfg
	loc, err := zone(c.Timezone)
	if err != nil {
		l.problem("timezone", "use an IANA name such as Europe/Berlin", "%v", err)
	} else if c.AsOf != "" {
		if _, err := parseAsOf(c.AsOf, referral.Calendar{Zone: loc}); err != nil {
			l.problem("as_of", "", "%v", err)
		}
	}
	if _, ok := c.places["as_of"]; ok && c.AsOf == "" {
		l.problem("as_of", "write a date or leave the key out", "is empty")
	}
	if _, err := referral.Exponent(c.Currency); err != nil {
		codes := slices.Sorted(maps.Keys(referral.Currencies()))
		hint := "use an ISO 4217 code such as EUR"
		if near := referral.Suggest(strings.ToUpper(c.Currency), codes); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		l.problem("currency", hint, "%q is not a currency", c.Currency)
	}
	if _, err := marginMicros(string(c.Margin)); err != nil {
		l.problem("margin", "", "%v", err)
	}
	l.choice("week_start", c.WeekStart, slices.Sorted(maps.Keys(weekdays)))
	l.choice("credit", c.Credit, []string{"last_touch", "first_touch"})
	l.event("acquisition.event", c.Acquisition.Event)
	l.event("signup.event", c.Signup.Event)
	for i, e := range c.Revenue.Events {
		l.event(fmt.Sprintf("revenue.events[%d]", i), e)
	}
	for i, e := range c.Revenue.Refunds {
		l.event(fmt.Sprintf("revenue.refunds[%d]", i), e)
		if slices.Contains(c.Revenue.Events, e) {
			l.problem(fmt.Sprintf("revenue.refunds[%d]", i), "an event either earns or takes back", "%q is in revenue.events as well", e)
		}
	}
}

// event checks the name of an event.
func (l *loader) event(path, name string) {
	if strings.TrimSpace(name) == "" {
		l.problem(path, "name an event of the data", "is empty")
	}
}

// choice checks a value against the values allowed.
func (l *loader) choice(path, value string, allowed []string) {
	if slices.Contains(allowed, value) {
		return
	}
	hint := "one of: " + strings.Join(allowed, ", ")
	if near := referral.Suggest(value, allowed); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	l.problem(path, hint, "%q is not allowed", value)
}

var memory = regexp.MustCompile(`^[0-9]+(\.[0-9]+)? ?([KMGT]i?B)$`)

// machine checks where outputs go and what may be used.
func (l *loader) machine() {
	c := l.cfg
	l.inside("database", c.Database)
	l.inside("out", c.Out)
	if _, ok := c.places["memory"]; ok && !memory.MatchString(c.Memory) {
		l.problem("memory", "write it like 4GB or 512MB", "%q is not an amount of memory", c.Memory)
	}
	if c.Threads < 0 || c.Threads > 1024 {
		l.problem("threads", "leave the key out to use all cores", "%d is not between 0 and 1024", c.Threads)
	}
}

// inside checks a path that will be written: absolute, or below the project and not the project
// itself.
func (l *loader) inside(path, value string) {
	switch clean := filepath.Clean(filepath.FromSlash(value)); {
	case strings.TrimSpace(value) == "" || clean == "." || clean == string(filepath.Separator):
		l.problem(path, "", "%q is not a place for it", value)
	case filepath.IsAbs(clean):
	case !filepath.IsLocal(clean) || !files.Within(l.root, filepath.Join(l.root, clean)):
		l.problem(path, "use a path below the project, or an absolute one", "%q leads out of the project", value)
	}
}

// abs returns a path of the file as an absolute one.
func (c *Config) abs(path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(c.Root, path)
}

// DatabasePath returns the absolute path of the database file.
func (c *Config) DatabasePath() string { return c.abs(c.Database) }

// OutPath returns the absolute path of the folder reports go to.
func (c *Config) OutPath() string { return c.abs(c.Out) }

// identifier is what names of definitions look like. They become arguments of commands and parts of
// file names.
const identifier = `^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$`

// identifierOfAnyLength is identifier without its limit: a counted repeat of all letters takes
// milliseconds to compile, which every command would pay for.
var identifierOfAnyLength = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]*$`)

func isIdentifier(name string) bool {
	return identifierOfAnyLength.MatchString(name) && utf8.RuneCountInString(name) <= 64
}

func (l *loader) identifier(path, name string) {
	if !isIdentifier(name) {
		l.problem(path, "use letters, digits, - and _, at most 64", "%q cannot be a name", name)
	}
}

// validator is what a definition of a domain package implements.
type validator interface{ Validate() referral.Problems }

// definition checks one named definition by its own rules.
func definition(l *loader, section, name string, def validator) {
	path := section + "." + name
	l.identifier(path, name)
	for _, p := range def.Validate().Under(path) {
		l.add(p)
	}
}

// sources checks the sources of data.
func (l *loader) sources() {
	kinds := []string{}
	for _, t := range schema.Inputs() {
		kinds = append(kinds, t.Name)
	}
	first := map[string]int{}
	for i, s := range l.cfg.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		if s.Name == "" {
			l.problem(path+".name", "every source has a name", "is missing")
		} else {
			l.identifier(path+".name", s.Name)
		}
		if j, ok := first[s.Name]; ok && s.Name != "" {
			at := l.cfg.places.find(fmt.Sprintf("sources[%d].name", j))
			l.problem(path+".name", fmt.Sprintf("first at %s:%d:%d", at.file, at.line, at.col), "a second source is named %q", s.Name)
		} else {
			first[s.Name] = i
		}
		if s.Kind == "" {
			l.problem(path+".kind", "one of: "+strings.Join(kinds, ", "), "is missing")
		} else {
			l.choice(path+".kind", s.Kind, kinds)
		}
		for _, p := range s.Validate().Under(path) {
			if p.Path != path+".kind" && p.Path != path+".name" { // checked above, against the other sources
				l.add(p)
			}
		}
	}
}

// mail checks addresses and the server.
func (l *loader) mail() {
	m := l.cfg.Mail
	if _, ok := l.cfg.places["mail.from"]; ok {
		l.address("mail.from", m.From)
	}
	if m.Port < 1 || m.Port > 65535 {
		l.problem("mail.port", "587 for STARTTLS, 465 for TLS", "%d is not a port", m.Port)
	}
	l.choice("mail.tls", m.TLS, []string{"starttls", "tls", "none"})
	if strings.ContainsAny(m.Host, " \t\r\n/:@") {
		l.problem("mail.host", "a name or IPv4 address, the port goes into mail.port", "%q is not a host", m.Host)
	}
	if m.TLS == "none" && m.Host != "" && !digest.Loopback(m.Host) {
		l.problem("mail.tls", "use starttls or tls", "mail would cross the network unencrypted to %q", m.Host)
	}
	for _, report := range slices.Sorted(maps.Keys(m.Recipients)) {
		path := "mail.recipients." + report
		if report != "weekly" {
			l.problem(path, "weekly is the one that is", "there is no e-mail of a report %q", report)
		}
		seen := map[string]bool{}
		for i, a := range m.Recipients[report] {
			l.address(fmt.Sprintf("%s[%d]", path, i), a)
			if key := strings.ToLower(a); seen[key] {
				l.problem(fmt.Sprintf("%s[%d]", path, i), "", "%q is listed twice", a)
			} else {
				seen[key] = true
			}
		}
	}
	if len(m.Recipients) > 0 && m.From == "" {
		l.problem("mail.from", "the sender's address", "is missing")
	}
}

// address checks one e-mail address, with or without a display name.
func (l *loader) address(path, text string) {
	if _, err := mail.ParseAddress(text); err != nil {
		l.problem(path, "write it like ana@example.com or Ana <ana@example.com>", "%q is not an e-mail address", text)
	}
}
