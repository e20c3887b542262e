package calc

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// List prints every method with its fields, sorted by name; optional fields are in brackets.
func List(w io.Writer) error {
	b := bufio.NewWriter(w)
	for i, m := range Methods() {
		if i > 0 {
			fmt.Fprintln(b)
		}
		var in []string
		for _, f := range m.Input {
			text := f.Name + ": " + f.Type
			if f.Optional {
				text = "[" + text + "]"
			}
			in = append(in, text)
		}
		fmt.Fprintf(b, "%s\n    %s\n    input   %s\n    output  %s\n", m.Name, m.Doc,
			strings.Join(in, ", "), strings.Join(m.Output, ", "))
	}
	return b.Flush()
}
