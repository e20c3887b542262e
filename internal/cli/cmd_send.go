package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"vouch/internal/files"
	"vouch/internal/pipeline"
	"vouch/reports"
	"vouch/reports/digest"
)

func (a *app) sendCommand() *cobra.Command {
	var dry, resend bool
	c := &cobra.Command{
		Use: "send NAME", Short: "Send a report by e-mail, once to each recipient", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "weekly" {
				return usageError{fmt.Errorf("there is no e-mail of report %q: use weekly", args[0])}
			}
			return a.withProject(cmd.Context(), false, func(p *pipeline.Project) error {
				b, err := p.Compute(cmd.Context(), pipeline.NewTimings(a.env.Now))
				if err != nil {
					return err
				}
				if dry {
					return a.sendDry(p, b, args[0])
				}
				return a.sendReal(cmd.Context(), p, b, args[0], resend)
			})
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "write the e-mail to out/mail instead of sending it")
	c.Flags().BoolVar(&resend, "resend", false, "send again to recipients who have it already")
	return c
}

// compose writes the message to the recipients of the report.
func compose(p *pipeline.Project, b *reports.Bundle, report string, to []string) (*digest.Message, error) {
	from := p.Cfg.Mail.From
	if from == "" {
		from = "vouch@localhost"
	}
	return digest.Compose(b, digest.Options{From: from, To: to, Report: report})
}

func (a *app) sendDry(p *pipeline.Project, b *reports.Bundle, report string) error {
	to := p.Cfg.Mail.Recipients[report]
	if len(to) == 0 {
		to = []string{"nobody@localhost"}
		a.note("mail.recipients.%s is empty; the e-mail is written to a stand-in address", report)
	}
	m, err := compose(p, b, report, to)
	if err != nil {
		return err
	}
	eml, err := m.EML()
	if err != nil {
		return err
	}
	dir := filepath.Join(p.Out(), "mail")
	if err := files.MkdirAll(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, report+"-"+files.SafeName(m.Period)+".eml")
	if err := files.WriteAtomic(path, eml); err != nil {
		return err
	}
	t := newTable("", 2, "report", "file")
	t.add(report, path)
	return a.print(answer{
		schema: "vouch.send/1", run: &b.Run, result: map[string]any{"file": path, "subject": m.Subject, "to": to}, tables: []table{t},
		text: func(w io.Writer) { fmt.Fprintln(w, path) },
	})
}

func (a *app) sendReal(ctx context.Context, p *pipeline.Project, b *reports.Bundle, report string, resend bool) (err error) {
	mail := p.Cfg.Mail
	to := mail.Recipients[report]
	switch {
	case len(to) == 0:
		return fmt.Errorf("nobody receives this report: name addresses under mail.recipients.%s", report)
	case mail.Host == "":
		return errors.New("no mail server: set mail.host, or write the e-mail with --dry-run")
	}
	password, err := a.secret("VOUCH_SMTP_PASSWORD")
	if err != nil {
		return err
	}
	unlock, err := files.Lock(filepath.Join(p.State(), "send.lock"))
	if err != nil {
		return fmt.Errorf("another vouch is sending: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	m, err := compose(p, b, report, to)
	if err != nil {
		return err
	}
	ledger, err := digest.OpenLedger(filepath.Join(p.State(), "sent.jsonl"))
	if err != nil {
		return err
	}
	sent, err := digest.SendOnce(ctx, ledger, m, digest.SMTP{Host: mail.Host, Port: mail.Port, User: mail.User, Password: password, TLS: mail.TLS},
		digest.SendOptions{Resend: resend, Now: a.env.Now})
	t := newTable("", 2, "recipient", "state")
	for _, r := range to {
		state := "not sent"
		switch {
		case oneOf(r, sent...):
			state = "sent"
		case ledger.Sent(m.Report, m.Period, r):
			state = "has it already; --resend sends it again"
		}
		t.add(r, state)
	}
	// Who got the e-mail is said also when somebody did not.
	return errors.Join(err, a.print(answer{
		schema: "vouch.send/1", run: &b.Run, result: map[string]any{"sent": append([]string{}, sent...), "subject": m.Subject}, tables: []table{t},
	}))
}

// secret reads a secret from the environment or from the file that NAME_FILE names; secrets never
// come from flags or YAML.
func (a *app) secret(name string) (string, error) {
	if v := a.env.Getenv(name); v != "" {
		return v, nil
	}
	path := a.env.Getenv(name + "_FILE")
	if path == "" {
		return "", nil
	}
	text, err := files.Read(path)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
