package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds a configuration file. A project of a thousand definitions is a tenth of it; the
// bound is there so that a wrong path (a data file, a device) is refused at once.
const maxFile = 1 << 20

// syntax is a mistake in a file as text, before it means anything.
type syntax struct {
	line, col int // 0 if unknown
	msg, hint string
}

// parse reads one YAML document and returns its root, nil for an empty one.
func parse(text []byte) (*yaml.Node, *syntax) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bad := checkText(text); bad != nil {
		return nil, bad
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, &syntax{line: 1, col: 1, msg: "the file is empty", hint: `start it with "version: 1"`}
	} else if err != nil {
		return nil, yamlError(text, err)
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return nil, &syntax{
			line: next.Line, col: next.Column, msg: "a second document begins here",
			hint: "a configuration file is one document: remove the --- or use include:",
		}
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlError(text, err)
	}
	root := doc.Content[0]
	if bad := checkNodes(root); bad != nil {
		return nil, bad
	}
	return root, nil
}

// checkText refuses bytes that are not plain UTF-8 text, with the place of the first.
func checkText(text []byte) *syntax {
	line, col := 1, 1
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			return &syntax{line, col, fmt.Sprintf("byte 0x%02x is not UTF-8", text[i]), "save the file as UTF-8"}
		case r == '\n':
			line, col = line+1, 0
		case r < 0x20 && r != '\t' && r != '\r' || r == 0x7f:
			return &syntax{line, col, fmt.Sprintf("control character 0x%02x", r), "remove it"}
		}
		i, col = i+n, col+1
	}
	return nil
}

var (
	yamlLine   = regexp.MustCompile(`^line (\d+): `)
	yamlAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	// yamlParser are the messages of the library's parser, whose line numbers are one too small; those
	// of its scanner are right. Remove when go.yaml.in/yaml counts both alike.
	yamlParser = regexp.MustCompile(`^did not find expected (<.*>|node content|'-' indicator|key|',' or '[\]}]')$`)
	tabIndent  = regexp.MustCompile(`(?m)^ *\t`)
)

// yamlError turns the parser's error into a place and a sentence. The parser names no column, and
// no line for the first one; a tab in the indentation is looked up because it is the usual cause.
func yamlError(text []byte, err error) *syntax {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits by the pattern; overflow is not reachable in 1 MiB
		msg = msg[len(m[0]):]
		if yamlParser.MatchString(msg) {
			line++
		}
	}
	if m := yamlAnchor.FindStringSubmatch(msg); m != nil {
		return aliasProblem(text, m[1])
	}
	if at := tabIndent.FindIndex(text); at != nil {
		return &syntax{
			line: 1 + bytes.Count(text[:at[0]], []byte("\n")), col: at[1] - at[0],
			msg: "a tab in the indentation", hint: "YAML indents with spaces",
		}
	}
	return &syntax{line: line, col: 1, msg: "not YAML: " + msg, hint: ""}
}

const aliasHint = "write the value out; sections can be shared with include:"

// aliasProblem places a reference to an anchor that does not exist.
func aliasProblem(text []byte, name string) *syntax {
	before, _, _ := bytes.Cut(text, []byte("*"+name))
	line := 1 + bytes.Count(before, []byte("\n"))
	col := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return &syntax{line, col, "aliases (*" + name + ") are not supported", aliasHint}
}

// checkNodes refuses the parts of YAML that a configuration has no use for and that make a file mean
// more than it shows: aliases (whose repeated expansion grows without bound), merge keys and tags.
// Aliases are never followed, so that the check takes time in the size of the file.
func checkNodes(n *yaml.Node) *syntax {
	switch {
	case n.Kind == yaml.AliasNode:
		return &syntax{n.Line, n.Column, "aliases (*" + n.Value + ") are not supported", aliasHint}
	case n.Tag == "!!merge":
		return &syntax{n.Line, n.Column, "merge keys (<<) are not supported", aliasHint}
	case n.Style&yaml.TaggedStyle != 0:
		return &syntax{n.Line, n.Column, "tags (" + n.Tag + ") are not supported", "remove the tag; quote the value if it is text"}
	}
	for _, c := range n.Content {
		if bad := checkNodes(c); bad != nil {
			return bad
		}
	}
	return nil
}
