package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vouch/internal/config"
	"vouch/internal/files"
)

// serveTimeout bounds how long a request may take to arrive and how long a stop waits for the
// requests under way.
const serveTimeout = 10 * time.Second

func (a *app) serveCommand() *cobra.Command {
	var port int
	c := &cobra.Command{
		Use: "serve", Short: "Serve the written reports on this machine only, until interrupted", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := files.Abs(a.flags.project)
			if err != nil {
				return err
			}
			cfg, err := config.Load(dir, a.env.Getenv)
			if err != nil {
				return err
			}
			out, err := files.Join(dir, cfg.Out)
			if err != nil {
				return err
			}
			if !files.IsDir(out) {
				return fmt.Errorf("there are no reports in %s yet: run `vouch run` first", out)
			}
			if port < 0 || port > 65535 {
				return usageError{fmt.Errorf("--port %d: choose 0 to 65535", port)}
			}
			l, err := (&net.ListenConfig{}).Listen(cmd.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				return fmt.Errorf("listen: %w", err)
			}
			fmt.Fprintf(a.env.Stdout, "http://%s/\n", l.Addr())
			reports, err := files.FS(out)
			if err != nil {
				return errors.Join(err, l.Close())
			}
			return serve(cmd.Context(), l, http.FileServerFS(reports))
		},
	}
	c.Flags().IntVar(&port, "port", 8117, "port on the loopback address; 0 takes a free one")
	return c
}

// serve answers until the context ends, then lets open requests finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: guarded(h), ReadHeaderTimeout: serveTimeout}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), serveTimeout)
	defer cancel()
	err := s.Shutdown(stop)
	if serr := <-done; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}

// guarded answers reading requests that name this machine, and keeps a browser from showing the page
// of an earlier run. Another name in the Host header is a page elsewhere that made its name point
// here in order to read the reports.
func guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "reports can only be read", http.StatusMethodNotAllowed)
			return
		case !oneOf(host, "127.0.0.1", "localhost"):
			http.Error(w, "reports are served to this machine only", http.StatusForbidden)
			return
		case strings.ContainsRune(r.URL.Path, 0):
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}
