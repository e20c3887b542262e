package reports_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"vouch/reports/reportstest"
)

// The checks of visit are worth something: a page that does each forbidden thing is caught.
func TestBrowser_checksCatchABadPage(t *testing.T) {
	b := openBrowser(t)
	dir := t.TempDir()
	bad := `<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'"></head>
<body><p style="color:red">x</p><img src="data:,x"><script>console.error("a"); throw new Error("b")</script></body></html>`
	path := filepath.Join(dir, "bad.html")
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	problems := watchPage(t, b, path)
	for _, want := range []string{"console error", "exception", "request", "inline style"} {
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("nothing says %q in %q", want, problems)
		}
	}
}

func TestBrowser_switchSortFilterDownloadPrint(t *testing.T) {
	b := openBrowser(t)
	dir := writeRun(t, reportstest.Rich())
	path := filepath.Join(dir, "funnels.html")
	background := `getComputedStyle(document.body).backgroundColor`
	stroke := `document.querySelector('.chart svg text').getAttribute('fill')`

	t.Run("theme", func(t *testing.T) {
		visit(t, b, path, 1280, "light", func(ctx context.Context, fail func(error)) {
			before, ink := evaluate[string](ctx, fail, background), evaluate[string](ctx, fail, stroke)
			evaluate[int](ctx, fail, `document.getElementById('theme').click(), 1`)
			after, newInk := evaluate[string](ctx, fail, background), evaluate[string](ctx, fail, stroke)
			if before == after || ink == newInk {
				t.Errorf("the switch changed background %s to %s, text of charts %s to %s", before, after, ink, newInk)
			}
			if got := evaluate[string](ctx, fail, `localStorage.getItem('vouch-theme')`); got != "dark" {
				t.Errorf("remembered %q", got)
			}
		})
		visit(t, b, path, 1280, "light", func(ctx context.Context, fail func(error)) {
			if got := evaluate[string](ctx, fail, `document.documentElement.dataset.theme + getComputedStyle(document.documentElement).getPropertyValue('--bg').trim()`); got != "dark#14171b" {
				t.Errorf("the choice was forgotten: %q", got)
			}
			evaluate[int](ctx, fail, `localStorage.removeItem('vouch-theme'), 1`)
		})
	})

	t.Run("sort", func(t *testing.T) {
		visit(t, b, path, 1280, "light", func(ctx context.Context, fail func(error)) {
			column := `[...document.querySelectorAll('[data-table="groups-referral"] tbody tr')].map((r) => r.cells[1].dataset.sort)`
			original := evaluate[[]string](ctx, fail, column)
			click := `document.querySelector('[data-table="groups-referral"] thead th:nth-child(2) button').click(), 1`
			evaluate[int](ctx, fail, click)
			evaluate[int](ctx, fail, click)
			ascending := evaluate[[]string](ctx, fail, column)
			if ascending[0] != "7" || len(ascending) != len(original) {
				t.Errorf("ascending: %v", ascending)
			}
			evaluate[int](ctx, fail, click)
			if got := evaluate[[]string](ctx, fail, column); !slices.Equal(got, original) {
				t.Errorf("the third click does not restore the order: %v", got)
			}
		})
	})

	t.Run("filter", func(t *testing.T) {
		visit(t, b, path, 1280, "light", func(ctx context.Context, fail func(error)) {
			got := evaluate[[]string](ctx, fail, `(() => {
				const box = document.querySelector('[data-table="groups-referral"]');
				const input = box.querySelector('input');
				input.value = 'MÜLLER';
				input.dispatchEvent(new Event('input'));
				return [...box.querySelectorAll('tbody tr:not([hidden])')].map((r) => r.cells[0].textContent);
			})()`)
			if len(got) != 1 || !strings.HasPrefix(got[0], "Müller") {
				t.Errorf("the filter shows %q", got)
			}
		})
	})

	t.Run("download", func(t *testing.T) {
		down := t.TempDir()
		visit(t, b, path, 1280, "light", func(ctx context.Context, fail func(error)) {
			call(ctx, fail, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: down})
			// The blob is what the link would save; reading it back needs no timing.
			got := evaluate[string](ctx, fail, `(() => {
				let text = '';
				const real = URL.createObjectURL;
				URL.createObjectURL = (blob) => { text = blob; return real.call(URL, blob); };
				document.querySelector('[data-csv="steps-referral"]').click();
				return text.type + ' ' + text.size;
			})()`)
			want, err := os.ReadFile(filepath.Join(dir, "funnels", "steps-referral.csv"))
			fail(err)
			if !regexp.MustCompile(`^text/csv;charset=utf-8 [0-9]+$`).MatchString(got) || !strings.HasSuffix(got, " "+strconv.Itoa(len(want)+3)) {
				t.Errorf("the button saves %q, the file has %d bytes and the page a byte order mark", got, len(want))
			}
		})
	})

	t.Run("print", func(t *testing.T) {
		visit(t, b, path, 1280, "dark", func(ctx context.Context, fail func(error)) {
			pdf := call(ctx, fail, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
			if !strings.HasPrefix(string(pdf.Data), "%PDF-") || len(pdf.Data) < 20_000 {
				t.Errorf("%d bytes of PDF", len(pdf.Data))
			}
			if out := os.Getenv("VOUCH_SCREENSHOTS"); out != "" {
				fail(os.WriteFile(filepath.Join(out, "print.pdf"), pdf.Data, 0o600))
			}
		})
	})
}

// Of many experiments the evidence is folded: nothing of it is drawn until it is opened, and a link into it opens it.
func TestBrowser_linkOpensWhatIsFolded(t *testing.T) {
	b := openBrowser(t)
	path := filepath.Join(writeRun(t, reportstest.Many(6)), "experiments.html")
	ctx, cancel := chromedp.NewContext(b)
	defer cancel()
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fail(chromedp.Do(ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: path}).String())))
	drawn := `Number(document.documentElement.dataset.charts)`
	open := `document.querySelectorAll('details.fold[open]').length`
	if n, m := evaluate[int](ctx, fail, drawn), evaluate[int](ctx, fail, open); n != 0 || m != 0 {
		t.Errorf("%d charts drawn and %d folds open before anybody asked", n, m)
	}
	evaluate[int](ctx, fail, `document.querySelector('#verdicts a').click(), 1`)
	evaluate[int](ctx, fail, `window.dispatchEvent(new Event('hashchange')), 1`) // now, not when the browser comes to it
	all := evaluate[int](ctx, fail, `document.querySelector('details.fold[open]').querySelectorAll('.chart').length`)
	if n, m := evaluate[int](ctx, fail, drawn), evaluate[int](ctx, fail, open); m != 1 || n != all || n < 2 {
		t.Errorf("%d of %d charts drawn, %d folds open after a link was followed", n, all, m)
	}
	if w := evaluate[int](ctx, fail, `document.querySelector('details.fold[open] .chart svg').getBoundingClientRect().width`); w < 300 {
		t.Errorf("a chart that was folded is %d px wide", w)
	}
}
