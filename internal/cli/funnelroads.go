package cli

import (
	"fmt"
	"io"

	"vouch/funnel"
	"vouch/referral"
)

// roadsText says how the units of a funnel were evaluated: units also where attempts are counted.
func roadsText(w io.Writer, r funnel.Result) {
	if r.Roads == nil {
		return
	}
	n := r.Roads.SQL + r.Roads.Kernel
	fmt.Fprintf(w, "\n  roads: of %s %s with an event of a step, %s by SQL, %s by the kernel\n",
		referral.Thousands(n), funnel.UnitNoun(r.Unit, n), referral.Thousands(r.Roads.SQL), referral.Thousands(r.Roads.Kernel))
	for _, why := range r.Roads.Reasons {
		fmt.Fprintf(w, "    %s: %s\n", why.Reason, referral.Thousands(why.Persons))
	}
}
