package cli

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestGuarded(t *testing.T) {
	h := guarded(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, c := range []struct {
		method, host, path string
		want               int
	}{
		{"GET", "127.0.0.1:8117", "/", http.StatusOK},
		{"HEAD", "localhost:8117", "/", http.StatusOK},
		{"GET", "evil.example:8117", "/", http.StatusForbidden},
		{"GET", "127.0.0.1.evil.example", "/", http.StatusForbidden},
		{"POST", "127.0.0.1:8117", "/", http.StatusMethodNotAllowed},
		{"DELETE", "127.0.0.1:8117", "/index.html", http.StatusMethodNotAllowed},
		{"GET", "127.0.0.1:8117", "/%00", http.StatusNotFound},
	} {
		r := httptest.NewRequest(c.method, "http://"+c.host+c.path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %s%s: got %d, want %d", c.method, c.host, c.path, w.Code, c.want)
		}
	}
}
