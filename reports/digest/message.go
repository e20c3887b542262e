package digest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"vouch/referral"
	"vouch/reports"
	"vouch/reports/chart"
)

// Options says who a message is from and to, and which report it tells; only "weekly" exists.
type Options struct {
	From   string // address, with or without a name
	To     []string
	Report string
}

// Message is a composed e-mail. It holds its bytes: what a dry run writes is what is sent.
type Message struct {
	Report  string
	Period  string // 2026-W46
	Subject string
	ID      string // without angle brackets
	From    string // envelope sender
	To      []string
	eml     []byte
}

// maxHTML is the size above which a large mail provider cuts a message and hides its end.
const maxHTML = 100_000

// Compose writes the message of a report. Addresses that cannot be read are a problem of the
// caller; a bundle without a complete week gives reports.ErrNoWeek, because an empty e-mail says
// that all is well.
func Compose(b *reports.Bundle, o Options) (*Message, error) {
	if o.Report != "weekly" {
		return nil, referral.Problems{{Path: "report", Msg: fmt.Sprintf("there is no e-mail of report %q", o.Report), Hint: "use weekly"}}
	}
	from, to, err := addresses(o)
	if err != nil {
		return nil, err
	}
	s, err := reports.Summarize(b)
	if err != nil {
		return nil, err
	}
	v, err := newView(b, s)
	if err != nil {
		return nil, fmt.Errorf("e-mail: %w", err)
	}
	html, err := v.html()
	if err != nil {
		return nil, fmt.Errorf("e-mail: %w", err)
	}
	if len(html) >= maxHTML {
		return nil, fmt.Errorf("e-mail: the HTML part has %d bytes, %d are the limit", len(html), maxHTML)
	}
	m := &Message{Report: o.Report, Period: s.Week, From: from.Address, Subject: oneLine(chart.Shorten(s.Project, 48) + ": " + s.Lead)}
	for _, a := range to {
		m.To = append(m.To, a.Address)
	}
	m.ID = messageID(b, m, from.Address)
	if m.eml, err = m.encode(b, from, to, v, html); err != nil {
		return nil, fmt.Errorf("e-mail: %w", err)
	}
	return m, nil
}

// EML returns the message as it is sent: RFC 5322, CRLF.
func (m *Message) EML() ([]byte, error) {
	if len(m.eml) == 0 {
		return nil, errors.New("e-mail: the message was not composed")
	}
	return bytes.Clone(m.eml), nil
}

// addresses reads sender and recipients.
func addresses(o Options) (*mail.Address, []*mail.Address, error) {
	var ps referral.Problems
	read := func(path, text string) *mail.Address {
		a, err := mail.ParseAddress(text)
		if err != nil {
			ps = append(ps, referral.Problem{Path: path, Msg: fmt.Sprintf("%q is not an e-mail address", text), Hint: "write name@example.org or Name <name@example.org>"})
		}
		return a
	}
	from := read("mail.from", o.From)
	var to []*mail.Address
	for i, t := range o.To {
		to = append(to, read(fmt.Sprintf("mail.recipients.%s[%d]", o.Report, i), t))
	}
	if len(to) == 0 {
		ps = append(ps, referral.Problem{Path: "mail.recipients." + o.Report, Msg: "nobody receives this report"})
	}
	return from, to, ps.Err()
}

// oneLine keeps a subject on one line and short enough for a list of messages.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 140 {
		s = strings.TrimRight(string(r[:139]), " ,") + "…"
	}
	return s
}

// messageID derives the id from what the message is: run, report, period, recipients.
func messageID(b *reports.Bundle, m *Message, from string) string {
	h := sha256.Sum256([]byte(strings.Join(append([]string{b.Run.ID, m.Report, m.Period}, m.To...), "\n")))
	_, domain, ok := strings.Cut(from, "@")
	if !ok || strings.ContainsFunc(domain, func(r rune) bool { return r > 126 || r < 33 }) {
		domain = "vouch.invalid"
	}
	return hex.EncodeToString(h[:16]) + "@" + domain
}

// encode builds the bytes of the message.
func (m *Message) encode(b *reports.Bundle, from *mail.Address, to []*mail.Address, v *view, html string) ([]byte, error) {
	g := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8))
	g.FromMailAddress(from)
	var rcpts []string
	for _, a := range to {
		rcpts = append(rcpts, a.String())
	}
	if err := g.To(rcpts...); err != nil {
		return nil, err
	}
	g.Subject(m.Subject)
	g.SetMessageIDWithValue(m.ID)
	g.SetDateWithValue(b.Run.AsOf.UTC())
	g.SetGenHeader("Auto-Submitted", "auto-generated")
	g.SetGenHeader("List-Id", listID(b.Project.Name, m.Report))
	g.SetGenHeader("X-Vouch-Run", b.Run.ID)
	g.SetBodyString(gomail.TypeTextPlain, v.text())
	g.AddAlternativeString(gomail.TypeTextHTML, html)
	for _, p := range v.Pictures {
		if err := g.EmbedReader(p.CID+".png", bytes.NewReader(p.png), gomail.WithFileContentID(p.CID), gomail.WithFileContentType("image/png")); err != nil {
			return nil, err
		}
	}
	var buf bytes.Buffer
	if _, err := g.WriteTo(&buf); err != nil {
		return nil, err
	}
	return fixBoundaries(buf.Bytes(), m.ID), nil
}

// boundaryParam is a boundary as mime/multipart draws it: 30 random bytes in hexadecimal.
var boundaryParam = regexp.MustCompile(`boundary="?([0-9a-f]{60})"?`)

// fixBoundaries replaces the random boundaries by ones derived from the message id. The library's
// SetBoundary gives nested parts one and the same boundary, which readers cannot take apart; to be
// removed when it no longer does.
func fixBoundaries(eml []byte, id string) []byte {
	for i, match := range boundaryParam.FindAllSubmatch(eml, -1) {
		h := sha256.Sum256(fmt.Appendf(nil, "%s boundary %d", id, i))
		eml = bytes.ReplaceAll(eml, bytes.Clone(match[1]), []byte(hex.EncodeToString(h[:30])))
	}
	return eml
}

// maxLabel is the most a part of a domain name may have.
const maxLabel = 63

// listID names the list of a project's report, for filters: "<weekly.acme.vouch.invalid>".
func listID(project, report string) string {
	label := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(project))
	label = strings.Trim(label, "-")
	switch {
	case label == "":
		label = "project"
	case len(label) > maxLabel: // the whole name still decides, so that two long ones differ
		sum := sha256.Sum256([]byte(project))
		label = strings.TrimRight(label[:maxLabel-17], "-") + "-" + hex.EncodeToString(sum[:8])
	}
	return "<" + report + "." + label + ".vouch.invalid>"
}
