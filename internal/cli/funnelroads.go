package cli

import (
	"fmt"
	"io"

	"vouch/funnel"
)

// roadsText says how the units of a funnel were evaluated: units also where attempts are counted.
func roadsText(w io.Writer, r funnel.Result) {
	if r.Roads == nil {
		return
	}
	n := r.Roads.SQL + r.Roads.Kernel
	fmt.Fprintf(w, "\n  roads: of %s %s with an event of a step, %s by SQL, %s by the kernel\n",
		thousands(n), funnel.UnitNoun(r.Unit, n), thousands(r.Roads.SQL), thousands(r.Roads.Kernel))
	for _, why := range r.Roads.Reasons {
		fmt.Fprintf(w, "    %s: %s\n", why.Reason, thousands(why.Persons))
	}
}
