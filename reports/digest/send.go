package digest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"vouch/referral"
)

// SMTP says how to reach the mail server. TLS is "starttls" (default), "tls", or "none", which is
// allowed on a loopback address only: a password must not cross a network in the clear.
type SMTP struct {
	Host     string
	Port     int // default 587, with tls 465
	User     string
	Password string
	TLS      string
	// Wait pauses between attempts; nil waits for real. Tests replace it.
	Wait func(ctx context.Context, attempt int) error
}

// SendOptions are those of SendOnce.
type SendOptions struct {
	Resend bool             // send to recipients who have the report already
	Now    func() time.Time // for the ledger
}

// ErrTemporary says that the server or the network refused for now; trying later may succeed.
var ErrTemporary = errors.New("try again later")

// attempts is how often one recipient is tried. A server that greylists accepts the second or third
// attempt; more belongs to the schedule, not to one run.
const attempts = 3

// timeout bounds each exchange with the server.
const timeout = 30 * time.Second

// SendOnce sends a message to each of its recipients who does not have it yet by the ledger, and
// returns those it was sent to. Each success is written down at once, so that a failure at the third
// recipient does not send twice to the first. The error wraps ErrTemporary when a later try may
// succeed for all that failed.
func SendOnce(ctx context.Context, l *Ledger, m *Message, s SMTP, o SendOptions) ([]string, error) {
	if o.Now == nil {
		return nil, errors.New("send: no clock was given")
	}
	var sent []string
	var failed []error
	for _, to := range m.To {
		if l.Sent(m.Report, m.Period, to) && !o.Resend || slices.Contains(sent, to) {
			continue
		}
		if err := sendTo(ctx, m, s, to); err != nil {
			failed = append(failed, err)
			continue
		}
		sent = append(sent, to)
		if err := l.add(Entry{m.Report, m.Period, to, m.ID, o.Now().UTC()}); err != nil {
			return sent, errors.Join(append(failed, err)...)
		}
	}
	return sent, joinFailures(failed)
}

// joinFailures is temporary only when every failure is: one address that is refused for good needs a
// person, not a second run.
func joinFailures(failed []error) error {
	if len(failed) == 0 {
		return nil
	}
	permanent := slices.ContainsFunc(failed, func(err error) bool { return !errors.Is(err, ErrTemporary) })
	err := errors.Join(failed...)
	if permanent {
		return permanentError{err}
	}
	return err
}

// permanentError hides ErrTemporary of the failures beside a permanent one.
type permanentError struct{ err error }

func (e permanentError) Error() string { return e.err.Error() }

// As lets callers find the single failures.
func (e permanentError) As(target any) bool { return errors.As(e.err, target) }

// sendTo tries one recipient, again after a temporary failure.
func sendTo(ctx context.Context, m *Message, s SMTP, to string) error {
	wait := s.Wait
	if wait == nil {
		wait = backOff
	}
	for attempt := 1; ; attempt++ {
		err := exchange(ctx, m, s, to)
		if err == nil {
			return nil
		}
		if !temporary(err) || ctx.Err() != nil {
			return fmt.Errorf("send to %s: %w", to, err)
		}
		if attempt == attempts {
			return fmt.Errorf("send to %s: %w after %d attempts: %w", to, ErrTemporary, attempts, err)
		}
		if err := wait(ctx, attempt); err != nil {
			return fmt.Errorf("send to %s: %w", to, err)
		}
	}
}

// backOff waits 2 s, then 8 s.
func backOff(ctx context.Context, attempt int) error {
	t := time.NewTimer(2 * time.Second << (2 * (attempt - 1)))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// temporary tells failures that may pass from those that will not: a reply of 4xx, a connection that
// broke or could not be made.
func temporary(err error) bool {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code >= 400 && reply.Code < 500
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// exchange hands the bytes of the message to the server for one recipient.
func exchange(ctx context.Context, m *Message, s SMTP, to string) (err error) {
	eml, err := m.EML()
	if err != nil {
		return err
	}
	c, err := s.client()
	if err != nil {
		return err
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closed(conn.Close()))
		}
	}()
	if err := conn.Mail(m.From); err != nil {
		return err
	}
	if err := conn.Rcpt(to); err != nil {
		return err
	}
	w, err := conn.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(eml); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	// The server has accepted the message: a failure to say goodbye must not send it again.
	if conn.Quit() != nil {
		return closed(conn.Close())
	}
	return nil
}

// closed forgets that a connection was closed by the other side already.
func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Loopback reports whether a mail host is this machine: "localhost" in any case or an address of the
// loopback networks, 127.0.0.0/8 and ::1. A password may go there without encryption.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// client prepares the connection.
func (s SMTP) client() (*gomail.Client, error) {
	port := s.Port
	opts := []gomail.Option{gomail.WithTimeout(timeout), gomail.WithHELO("localhost")}
	switch s.TLS {
	case "", "starttls":
		if port == 0 {
			port = 587
		}
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case "tls":
		if port == 0 {
			port = 465
		}
		opts = append(opts, gomail.WithSSL())
	case "none":
		if !Loopback(s.Host) {
			return nil, referral.Problems{{Path: "mail.tls", Msg: "none is allowed on a loopback address only", Hint: "use starttls or tls"}}
		}
		if port == 0 {
			port = 587
		}
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, referral.Problems{{Path: "mail.tls", Msg: fmt.Sprintf("%q is not known", s.TLS), Hint: "use starttls, tls or none"}}
	}
	opts = append(opts, gomail.WithPort(port))
	if s.User != "" {
		opts = append(opts, gomail.WithUsername(s.User), gomail.WithPassword(s.Password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	return gomail.NewClient(s.Host, opts...)
}
