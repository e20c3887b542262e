package chart

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// ErrNoAsset says that the binary was built without the chart library.
var ErrNoAsset = errors.New("the chart library is not in this binary: run `make assets` (it needs Node with npm) and build again")

// assets holds the built library and its licences beside the committed README, which always matches,
// so that a fresh clone compiles without npm. The patterns must not match node_modules.
//
//go:embed asset/*.m* asset/*[A-Z]*
var assets embed.FS

// bootstrap draws the charts of a page.
//
//go:embed bootstrap.js
var bootstrap string

// Library returns the text of the drawing library, safe inside a <script> element. The error wraps
// ErrNoAsset when the binary was built without it.
func Library() (string, error) {
	b, err := assets.ReadFile("asset/echarts.min.js")
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoAsset
	}
	if err != nil {
		return "", fmt.Errorf("read chart library: %w", err)
	}
	text := string(b)
	if l := strings.ToLower(text); strings.Contains(l, "</script") || strings.Contains(l, "<!--") {
		return "", errors.New("the chart library holds text that would end its script element: run `make assets` again")
	}
	return text, nil
}

// Version returns the name and version of the embedded library, "Apache ECharts 6.1.0", or
// ErrNoAsset. It stands in the first line of the file, where the build writes it.
func Version() (string, error) {
	text, err := Library()
	if err != nil {
		return "", err
	}
	head, _, ok := strings.Cut(strings.TrimPrefix(text, "/*! "), ", ")
	if !ok || len(head) > 40 {
		return "", errors.New("the chart library does not name its version: run `make assets` again")
	}
	return head, nil
}

// Script returns the constant script that draws every chart of a page. It needs Library before it.
func Script() string { return bootstrap }

// Licenses returns the licence and notice of the embedded library, or ErrNoAsset.
func Licenses() (string, error) {
	var parts []string
	for _, name := range []string{"asset/ECHARTS-NOTICE", "asset/ECHARTS-LICENSE"} {
		b, err := assets.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return "", ErrNoAsset
		}
		if err != nil {
			return "", fmt.Errorf("read %s: %w", name, err)
		}
		parts = append(parts, strings.TrimSpace(string(b)))
	}
	return strings.Join(parts, "\n\n") + "\n", nil
}
