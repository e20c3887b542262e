package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vouch/referral"

	"go.yaml.in/yaml/v3"
)

// place is where a value stands.
type place struct {
	file      string // as shown to people
	order     int    // files in the order they were read
	line, col int    // 1-based
}

// places maps the path of every value read ("funnels.referral.steps[2].event") to its place; the
// empty path is the main file itself.
type places map[string]place

// find returns the place of a path or of its nearest ancestor that was read.
func (ps places) find(path string) place {
	for path != "" {
		if at, ok := ps[path]; ok {
			return at
		}
		path = parent(path)
	}
	return ps[""]
}

// parent cuts the last element off a path: "a.b[2]" → "a.b" → "a" → "".
func parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}

// below reports whether path is root or lies below it.
func below(path, root string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// at gives a problem the place.
func (at place) at(p referral.Problem) referral.Problem {
	p.File, p.Line, p.Col = at.file, at.line, at.col
	return p
}

// placeOf returns the place of a node.
func placeOf(file string, order int, n *yaml.Node) place {
	return place{file: file, order: order, line: n.Line, col: n.Column}
}

// located is a problem with its place, for sorting.
type located struct {
	place
	referral.Problem
}

// maxProblems bounds a report. Whoever has more has given the wrong file, and needs to read none of
// the rest to see it.
const maxProblems = 500

// sorted puts problems in the order of reading: by file, line and column.
func sorted(list []located) referral.Problems {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b located) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.line, b.line), cmp.Compare(a.col, b.col),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Msg, b.Msg))
	})
	list = slices.CompactFunc(list, func(a, b located) bool { return a.Problem == b.Problem })
	var out referral.Problems
	for i, l := range list {
		if i == maxProblems {
			out = append(out, l.at(referral.Problem{Msg: fmt.Sprintf("and %d more problems from here on", len(list)-i)}))
			break
		}
		out = append(out, l.Problem)
	}
	return out
}
