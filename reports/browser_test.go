package reports_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"vouch/reports"
	"vouch/reports/chart"
	"vouch/reports/reportstest"
)

// findBrowser returns the browser for the tests. VOUCH_BROWSER names one, or says "require": then a
// missing browser is a failure and not a skip.
func findBrowser(t *testing.T) string {
	t.Helper()
	want := os.Getenv("VOUCH_BROWSER")
	if want != "" && want != "require" {
		return want
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if want == "require" {
		t.Fatal("no chromium found, and VOUCH_BROWSER=require: install the package chromium")
	}
	t.Skip("no chromium found: install the package chromium, or name a browser by VOUCH_BROWSER")
	return ""
}

// openBrowser starts one headless browser for a test. The profile folder is removed afterwards.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	opts := append([]chromedp.ExecAllocatorOption{}, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless,
		chromedp.ExecPath(findBrowser(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-default-apps", true), chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits for the browser to exit, so that its profile can be removed
			t.Logf("close browser: %v", err)
		}
		closeTab()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start browser: %v", err)
	}
	return ctx
}

// watch collects what a page must not do: complain, throw, or ask for anything but itself.
type watch struct {
	mu       sync.Mutex
	problems []string
	self     string
}

func (w *watch) listen(ctx context.Context) error {
	add := func(format string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.problems = append(w.problems, fmt.Sprintf(format, args...))
	}
	return chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			add("exception: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			add("console %s: %v", e.Type, e.Args)
		case *log.EventEntryAdded:
			add("log %s: %s", e.Entry.Level, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != w.self && !strings.HasPrefix(e.Request.URL, "blob:") { // a blob is made by the page itself
				add("request: %.120s", e.Request.URL)
			}
		}
	})
}

func (w *watch) check(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.problems {
		t.Error(p)
	}
}

// watchPage opens a page and returns what it did that a page must not do.
func watchPage(t *testing.T, browser context.Context, path string) []string {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	u := (&url.URL{Scheme: "file", Path: path}).String()
	w := &watch{self: u}
	if err := w.listen(ctx); err != nil {
		t.Fatal(err)
	}
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	call(ctx, fail, network.Enable, network.EnableParams{})
	call(ctx, fail, log.Enable, cdp.Empty{})
	call(ctx, fail, runtime.Enable, cdp.Empty{})
	fail(chromedp.Do(ctx, chromedp.Navigate(u)))
	evaluate[int](ctx, fail, `1`) // the events before this answer have arrived
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.problems
}

// chartState is what the browser drew for one chart.
type chartState struct {
	ID     string `json:"id"`
	Shapes int    `json:"shapes"`
	Role   string `json:"role"`
	Label  string `json:"label"`
}

// pageState is what holds for every page.
type pageState struct {
	Charts   []chartState `json:"charts"`
	Declared int          `json:"declared"`
	Overflow int          `json:"overflow"`
	Elements int          `json:"elements"`
	Title    string       `json:"title"`
}

const readPage = `({
	charts: [...document.querySelectorAll('.chart')].map((c) => ({id: c.dataset.chart, role: c.getAttribute('role'), label: c.getAttribute('aria-label'),
		shapes: c.querySelectorAll('svg path, svg polyline, svg rect, svg circle').length})),
	declared: Number(document.documentElement.dataset.charts || 0),
	overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
	elements: document.querySelectorAll('body *').length,
	title: document.title,
})`

// writeRun renders a bundle into a folder and returns it.
func writeRun(t *testing.T, b *reports.Bundle) string {
	t.Helper()
	fs, err := reports.Render(b)
	if errors.Is(err, chart.ErrNoAsset) && os.Getenv("VOUCH_BROWSER") != "require" {
		t.Skip("the chart library is not built: run make assets")
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range fs {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// visit opens a page in a tab of its own, as wide and in the colours given, and checks what holds
// for every page.
func visit(t *testing.T, browser context.Context, path string, width int64, scheme string, then ...step) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, 60*time.Second)
	defer stop()
	u := (&url.URL{Scheme: "file", Path: path}).String()
	w := &watch{self: u}
	if err := w.listen(ctx); err != nil {
		t.Fatal(err)
	}
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s at %d px, %s: %v", filepath.Base(path), width, scheme, err)
		}
	}
	call(ctx, fail, network.Enable, network.EnableParams{})
	call(ctx, fail, log.Enable, cdp.Empty{})
	call(ctx, fail, runtime.Enable, cdp.Empty{})
	call(ctx, fail, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 500})
	call(ctx, fail, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	fail(chromedp.Do(ctx, chromedp.Navigate(u)))
	evaluate[int](ctx, fail, `document.querySelectorAll('main details').forEach((d) => { d.open = true; }), 1`) // what is folded is drawn when it opens
	got := evaluate[pageState](ctx, fail, readPage)
	if got.Declared != len(got.Charts) {
		t.Errorf("%d of %d charts drawn", got.Declared, len(got.Charts))
	}
	for _, c := range got.Charts {
		if c.Shapes < 2 || c.Role != "img" || len(c.Label) < 20 {
			t.Errorf("chart %s: %d shapes, role %q, label %q", c.ID, c.Shapes, c.Role, c.Label)
		}
	}
	if got.Overflow > 0 {
		t.Errorf("at %d px the page is %d px too wide", width, got.Overflow)
	}
	if strings.Contains(got.Title, "1337") || strings.Contains(got.Title, "1338") || got.Elements < 20 {
		t.Errorf("title %q, %d elements", got.Title, got.Elements)
	}
	for _, f := range then {
		f(ctx, fail)
	}
	w.check(t)
}

// call runs one command of the browser.
func call[P, R any](ctx context.Context, fail func(error), c cdp.Command[P, R], p P) R {
	r, err := chromedp.Call(ctx, c, p)
	fail(err)
	return r
}

// evaluate reads a value out of the page.
func evaluate[T any](ctx context.Context, fail func(error), script string) T {
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	fail(err)
	return v
}

// step is something a test does on an open page.
type step func(ctx context.Context, fail func(error))

// shot takes a picture of the whole page when VOUCH_SCREENSHOTS names a folder.
func shot(name string) step {
	dir := os.Getenv("VOUCH_SCREENSHOTS")
	return func(ctx context.Context, fail func(error)) {
		if dir == "" {
			return
		}
		png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		fail(err)
		fail(os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
	}
}

func TestBrowser_pagesDrawEveryChartAndAskForNothing(t *testing.T) {
	browser := openBrowser(t)
	for _, x := range []struct {
		name   string
		bundle *reports.Bundle
	}{{"rich", reportstest.Rich()}, {"many", reportstest.Many(8)}, {"hollow", reportstest.Hollow()}, {"empty", reportstest.Empty()}} {
		dir := writeRun(t, x.bundle)
		for _, name := range reports.Names() {
			path := filepath.Join(dir, name+".html")
			t.Run(x.name+"/"+name, func(t *testing.T) {
				visit(t, browser, path, 1280, "light", shot(x.name+"-"+name+"-light"))
				if x.name != "rich" && (x.name != "many" || name != "experiments") {
					return
				}
				visit(t, browser, path, 1280, "dark", shot(x.name+"-"+name+"-dark"))
				visit(t, browser, path, 390, "light", shot(x.name+"-"+name+"-phone"))
			})
		}
	}
}

// TestBrowser_pagesOfARun looks at the pages of a real run, whose out folder VOUCH_PAGES names.
func TestBrowser_pagesOfARun(t *testing.T) {
	dir := os.Getenv("VOUCH_PAGES")
	if dir == "" {
		t.Skip("VOUCH_PAGES names no out folder of a run")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	browser := openBrowser(t)
	for _, name := range reports.Names() {
		path := filepath.Join(abs, name+".html")
		t.Run(name, func(t *testing.T) {
			visit(t, browser, path, 1280, "light", shot(name+"-light"))
			visit(t, browser, path, 1280, "dark", shot(name+"-dark"))
			visit(t, browser, path, 390, "light", shot(name+"-phone"))
			visit(t, browser, path, 720, "dark", onPaper, fits(t, name), shot(name+"-print"))
		})
	}
}

// fits checks that what is on paper is not wider than the sheet.
func fits(t *testing.T, name string) step {
	return func(ctx context.Context, fail func(error)) {
		wide := evaluate[[]string](ctx, fail, `[...document.querySelectorAll('main table')].filter((x) => x.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
			.map((x) => x.caption.textContent + ' ' + x.offsetWidth)`)
		if len(wide) > 0 {
			t.Errorf("%s is cut off on paper: %q", name, wide)
		}
	}
}

// onPaper shows a page as it prints.
func onPaper(ctx context.Context, fail func(error)) {
	call(ctx, fail, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	evaluate[int](ctx, fail, `window.dispatchEvent(new Event('beforeprint')), 1`)
}
