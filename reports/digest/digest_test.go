package digest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"

	"vouch/partners"
	"vouch/referral"
	"vouch/reports"
	"vouch/reports/digest"
	"vouch/reports/reportstest"
)

var sender = `Jörg Müller <vouch@example.org>`

func compose(t *testing.T, b *reports.Bundle, to ...string) *digest.Message {
	t.Helper()
	m, err := digest.Compose(b, digest.Options{From: sender, To: to, Report: "weekly"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func parse(t *testing.T, eml []byte) *enmime.Envelope {
	t.Helper()
	env, err := enmime.ReadEnvelope(bytes.NewReader(eml))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range env.Errors {
		t.Errorf("the message is malformed: %v", e)
	}
	return env
}

func eml(t *testing.T, m *digest.Message) []byte {
	t.Helper()
	b, err := m.EML()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func now() time.Time { return time.Date(2026, 11, 17, 6, 0, 0, 0, time.UTC) }

func plain(s string) string { return strings.NewReplacer("\u00a0", " ", "\u2212", "-").Replace(s) }

func TestCompose_isReadableWithoutPicturesOrLinks(t *testing.T) {
	b := reportstest.Rich()
	m := compose(t, b, "ann@example.org", `"Zoë Weiß" <zoe@example.org>`)
	env := parse(t, eml(t, m))
	lead := "Week 2026-W46 brought 118 new customers, 34 more than the week before."
	for name, part := range map[string]string{"text": plain(env.Text), "html": plain(env.HTML)} {
		for _, want := range []string{lead, "Sign-ups", "412", "no clear change", "Müller & Söhne", "Total", "5,310 windows are still open"} {
			if name == "html" {
				want = strings.ReplaceAll(want, "&", "&amp;")
			}
			if !strings.Contains(part, want) {
				t.Errorf("the %s part lacks %q", name, want)
			}
		}
	}
	if !strings.Contains(env.GetHeader("Subject"), "Acme Empfehlungen: Week 2026-W46 brought") || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("subject %q", env.GetHeader("Subject"))
	}
	for _, h := range [][2]string{{"Auto-Submitted", "auto-generated"}, {"List-Id", "<weekly.acme-empfehlungen.vouch.invalid>"}, {"Message-Id", "<" + m.ID + ">"}, {"From", `"Jörg Müller" <vouch@example.org>`}} {
		got := env.GetHeader(h[0])
		if h[0] == "From" {
			a, err := (&mail.AddressParser{}).Parse(env.Root.Header.Get("From"))
			if err != nil {
				t.Fatal(err)
			}
			got = fmt.Sprintf("%q <%s>", a.Name, a.Address)
		}
		if got != h[1] {
			t.Errorf("%s: %q, want %q", h[0], got, h[1])
		}
	}
	if d, err := mail.ParseDate(env.GetHeader("Date")); err != nil || !d.Equal(b.Run.AsOf) {
		t.Errorf("date %q, want the as-of time (%v)", env.GetHeader("Date"), err)
	}
	if len(env.HTML) >= 100_000 {
		t.Errorf("the HTML part has %d bytes", len(env.HTML))
	}
	for _, bad := range []string{"http:", "https:", "data:", "<script", "<svg", "<style", "ZgotmplZ"} {
		if strings.Contains(env.HTML, bad) {
			t.Errorf("the HTML part holds %q", bad)
		}
	}
}

func TestCompose_picturesAreEmbeddedAndSaidInWords(t *testing.T) {
	env := parse(t, eml(t, compose(t, reportstest.Rich(), "ann@example.org")))
	refs := regexp.MustCompile(`<img src="cid:([^"]+)"[^>]* alt="([^"]+)"`).FindAllStringSubmatch(env.HTML, -1)
	if len(refs) != 2 || len(env.Inlines) != 2 {
		t.Fatalf("%d pictures referred to, %d embedded", len(refs), len(env.Inlines))
	}
	for i, r := range refs {
		p := env.Inlines[i]
		if p.ContentID != r[1] || !bytes.HasPrefix(p.Content, []byte("\x89PNG")) {
			t.Errorf("picture %d: id %q, want %q", i, p.ContentID, r[1])
		}
		if !regexp.MustCompile(`\d`).MatchString(r[2]) {
			t.Errorf("alternative text %q has no number", r[2])
		}
	}
}

func TestCompose_hostileNamesStayText(t *testing.T) {
	env := parse(t, eml(t, compose(t, reportstest.Rich(), "ann@example.org")))
	if strings.Contains(env.HTML, "<script") || !strings.Contains(env.HTML, "&lt;/script&gt;") {
		t.Error("the hostile name is not escaped")
	}
	b := reportstest.Rich()
	b.Project.Name = "Acme\r\nBcc: evil@example.org"
	raw := eml(t, compose(t, b, "ann@example.org"))
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	if bytes.Contains(head, []byte("\nBcc:")) {
		t.Error("a project name adds a header")
	}
}

func TestCompose_equalInputsGiveEqualBytes(t *testing.T) {
	a, b := eml(t, compose(t, reportstest.Rich(), "ann@example.org")), eml(t, compose(t, reportstest.Rich(), "ann@example.org"))
	if !bytes.Equal(a, b) {
		t.Error("two messages of the same week differ")
	}
	other := compose(t, reportstest.Rich(), "bob@example.org")
	if same := compose(t, reportstest.Rich(), "ann@example.org"); same.ID == other.ID {
		t.Error("messages to others have the same id")
	}
	if n := len(regexp.MustCompile(`boundary="?([0-9a-f]{60})`).FindAllSubmatch(a, -1)); n != 2 {
		t.Errorf("%d boundaries, want one of the pictures and one of the two forms of text", n)
	}
}

func TestCompose_refuses(t *testing.T) {
	for _, c := range []struct {
		name string
		b    *reports.Bundle
		o    digest.Options
		want string
	}{
		{"bad sender", reportstest.Rich(), digest.Options{From: "nobody", To: []string{"a@example.org"}, Report: "weekly"}, "mail.from"},
		{"bad recipient", reportstest.Rich(), digest.Options{From: sender, To: []string{"a@example.org", "b c"}, Report: "weekly"}, "mail.recipients.weekly[1]"},
		{"nobody", reportstest.Rich(), digest.Options{From: sender, Report: "weekly"}, "nobody receives"},
		{"unknown report", reportstest.Rich(), digest.Options{From: sender, To: []string{"a@example.org"}, Report: "daily"}, "use weekly"},
	} {
		var ps referral.Problems
		if _, err := digest.Compose(c.b, c.o); !errors.As(err, &ps) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, b := range []*reports.Bundle{reportstest.Empty(), reportstest.Hollow()} {
		if _, err := digest.Compose(b, digest.Options{From: sender, To: []string{"a@example.org"}, Report: "weekly"}); !errors.Is(err, reports.ErrNoWeek) {
			t.Errorf("an empty week: %v", err)
		}
	}
}

// A message with as much as can be in it stays below the size at which it would be cut.
func TestCompose_staysSmall(t *testing.T) {
	b := reportstest.Rich()
	for i := range 200 {
		b.Weekly.Movers = append(b.Weekly.Movers, reports.Mover{Key: fmt.Sprint(i), Name: strings.Repeat("long name ", 20), Previous: partners.Micro(i)})
		b.Findings = append(b.Findings, referral.Finding{Code: "x", Subject: fmt.Sprint(i), Detail: strings.Repeat("word ", 40)})
	}
	m, err := digest.Compose(b, digest.Options{From: sender, To: []string{"a@example.org"}, Report: "weekly"})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(parse(t, eml(t, m)).HTML); n >= 100_000 {
		t.Errorf("the HTML part has %d bytes", n)
	}
}

func TestSendOnce_roundTripAndOnlyOnce(t *testing.T) {
	box := newInbox(t)
	path := filepath.Join(t.TempDir(), "sent.jsonl")
	m := compose(t, reportstest.Rich(), "ann@example.org", "zoë@bücher.example")
	send := func(resend bool) []string {
		t.Helper()
		l, err := digest.OpenLedger(path)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := digest.SendOnce(context.Background(), l, m, box.smtp(), digest.SendOptions{Resend: resend, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return sent
	}
	if d := cmp.Diff(m.To, send(false)); d != "" {
		t.Error(d)
	}
	for i, r := range box.got() {
		if r.From != "vouch@example.org" || len(r.To) != 1 || r.To[0] != m.To[i] {
			t.Errorf("envelope %q to %q", r.From, r.To)
		}
		if !bytes.Equal(bytes.TrimRight(r.Data, "\r\n"), bytes.TrimRight(eml(t, m), "\r\n")) {
			t.Error("what arrived is not what a dry run writes")
		}
	}
	if sent := send(false); len(sent) != 0 || len(box.got()) != 2 {
		t.Errorf("sent twice: %v, %d mails", sent, len(box.got()))
	}
	if sent := send(true); len(sent) != 2 || len(box.got()) != 4 {
		t.Errorf("a resend reached %v", sent)
	}
	l, err := digest.OpenLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	if !l.Sent("weekly", "2026-W46", "ann@example.org") || l.Sent("weekly", "2026-W47", "ann@example.org") {
		t.Error("a ledger read again has forgotten, or invented")
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := digest.Entry{Report: "weekly", Period: "2026-W46", Recipient: "ann@example.org", MessageID: m.ID, SentAt: now()}
	var first digest.Entry
	if err := json.Unmarshal(bytes.Split(written, []byte("\n"))[0], &first); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, first); d != "" {
		t.Error(d)
	}
}

func TestSendOnce_retriesWhatMayPass(t *testing.T) {
	for _, c := range []struct {
		name      string
		codes     []int
		tries     int
		sent      bool
		temporary bool
	}{
		{"greylisted twice", []int{451, 450}, 3, true, false},
		{"busy for good", []int{421, 421, 421, 421}, 3, false, true},
		{"unknown mailbox", []int{550, 0}, 1, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := newInbox(t)
			box.refusals["ann@example.org"] = c.codes
			s := box.smtp()
			var waits []int
			s.Wait = func(_ context.Context, attempt int) error { waits = append(waits, attempt); return nil }
			l, err := digest.OpenLedger(filepath.Join(t.TempDir(), "sent.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			m := compose(t, reportstest.Rich(), "ann@example.org")
			sent, err := digest.SendOnce(context.Background(), l, m, s, digest.SendOptions{Now: now})
			if (err == nil) != c.sent || (len(sent) == 1) != c.sent || errors.Is(err, digest.ErrTemporary) != c.temporary {
				t.Errorf("sent %v, error %v", sent, err)
			}
			if box.attempts() != c.tries || len(waits) != c.tries-1 {
				t.Errorf("%d attempts, %d waits, want %d attempts", box.attempts(), len(waits), c.tries)
			}
			if l.Sent("weekly", "2026-W46", "ann@example.org") != c.sent {
				t.Error("the ledger is wrong")
			}
		})
	}
}

// One bad address does not keep the others from their mail, and a second run sends to nobody twice.
func TestSendOnce_oneRefusalDoesNotStopTheOthers(t *testing.T) {
	box := newInbox(t)
	box.refusals["bad@example.org"] = []int{550}
	s := box.smtp()
	s.Wait = func(context.Context, int) error { return nil }
	l, err := digest.OpenLedger(filepath.Join(t.TempDir(), "sent.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	m := compose(t, reportstest.Rich(), "ann@example.org", "bad@example.org", "zoe@example.org", "ann@example.org")
	sent, err := digest.SendOnce(context.Background(), l, m, s, digest.SendOptions{Now: now})
	if d := cmp.Diff([]string{"ann@example.org", "zoe@example.org"}, sent); d != "" || err == nil || errors.Is(err, digest.ErrTemporary) || !strings.Contains(err.Error(), "bad@example.org") {
		t.Errorf("%s%v", d, err)
	}
	sent, err = digest.SendOnce(context.Background(), l, m, s, digest.SendOptions{Now: now})
	if d := cmp.Diff([]string{"bad@example.org"}, sent); d != "" || err != nil {
		t.Errorf("%s%v", d, err)
	}
}

// send sends a message with an empty ledger.
func send(t *testing.T, m *digest.Message, s digest.SMTP) error {
	t.Helper()
	return sendCtx(context.Background(), t, m, s)
}

func sendCtx(ctx context.Context, t *testing.T, m *digest.Message, s digest.SMTP) error {
	t.Helper()
	l, err := digest.OpenLedger(filepath.Join(t.TempDir(), "sent.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = digest.SendOnce(ctx, l, m, s, digest.SendOptions{Now: now})
	return err
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.0.0.2": true, "127.255.255.254": true, "::1": true,
		"": false, "localhost.example.org": false, "128.0.0.1": false, "10.0.0.1": false, "0.0.0.0": false, "mail.example.org": false,
	} {
		if got := digest.Loopback(host); got != want {
			t.Errorf("Loopback(%q) = %v", host, got)
		}
	}
}

func TestSend_noServerIsTemporaryAndCancelIsNot(t *testing.T) {
	box := newInbox(t)
	s := box.smtp()
	s.Port = 1 // nothing listens there
	s.Wait = func(context.Context, int) error { return nil }
	m := compose(t, reportstest.Rich(), "ann@example.org")
	if err := send(t, m, s); !errors.Is(err, digest.ErrTemporary) {
		t.Errorf("no server: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.Wait = func(ctx context.Context, _ int) error { cancel(); return ctx.Err() }
	if err := sendCtx(ctx, t, m, s); err == nil || errors.Is(err, digest.ErrTemporary) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSend_refusesClearTextOverANetwork(t *testing.T) {
	m := compose(t, reportstest.Rich(), "ann@example.org")
	for _, s := range []digest.SMTP{{Host: "mail.example.invalid", TLS: "none"}, {Host: "127.0.0.1", TLS: "sometimes"}} {
		var ps referral.Problems
		if err := send(t, m, s); !errors.As(err, &ps) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	box := newInbox(t)
	s := box.smtp()
	s.TLS = "starttls" // the server offers none
	s.User, s.Password = "u", "p"
	if err := send(t, m, s); err == nil || len(box.got()) != 0 {
		t.Errorf("a server without TLS was used: %v", err)
	}
}

func TestLedger_brokenLineIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sent.jsonl")
	good := `{"report":"weekly","period":"2026-W46","recipient":"a@example.org","message_id":"x","sent_at":"2026-11-17T06:00:00Z"}`
	for _, text := range []string{good + "\n{\"report\":", good + "\nnot json\n", good + "\n{\"other\":1}\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := digest.OpenLedger(path); err == nil || !strings.Contains(err.Error(), ":2:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
