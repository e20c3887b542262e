package digest_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"vouch/reports/digest"
)

// inbox is a mail server on loopback that keeps what it accepts and refuses what it is told to.
type inbox struct {
	mu       sync.Mutex
	mails    []received
	rcpts    int
	refusals map[string][]int // codes to answer, one for each attempt at a recipient
	host     string
	port     int
}

type received struct {
	From string
	To   []string
	Data []byte
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	b := &inbox{refusals: map[string][]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	b.host, b.port = addr.IP.String(), addr.Port
	s := smtp.NewServer(b)
	s.Domain = "localhost"
	s.EnableSMTPUTF8 = true
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close server: %v", err)
		}
		if err := <-done; err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("server: %v", err)
		}
	})
	return b
}

func (b *inbox) smtp() digest.SMTP {
	return digest.SMTP{Host: b.host, Port: b.port, TLS: "none"}
}

func (b *inbox) got() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]received(nil), b.mails...)
}

func (b *inbox) attempts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rcpts
}

func (b *inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{b: b}, nil }

type session struct {
	b   *inbox
	now received
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.now = received{From: from}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.rcpts++
	if codes := s.b.refusals[to]; len(codes) > 0 {
		s.b.refusals[to] = codes[1:]
		if codes[0] != 0 {
			return &smtp.SMTPError{Code: codes[0], EnhancedCode: smtp.EnhancedCode{codes[0] / 100, 2, 1}, Message: "refused by the test"}
		}
	}
	s.now.To = append(s.now.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.now.Data = data
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.mails = append(s.b.mails, s.now)
	return nil
}

func (s *session) Reset()        { s.now = received{} }
func (s *session) Logout() error { return nil }
