package attribution

import (
	"fmt"
	"slices"

	"vouch/referral"
)

// models turns the tally into credits: the keys that any model credits, in key order, None last.
func models(p *plan, t *tally) []Model {
	names := append(slices.Clone(p.keys), None)
	var used []int
	for k := range names {
		for m := range p.models {
			if t.micro[m][k] != 0 || t.minor[m][k] != 0 {
				used = append(used, k)
				break
			}
		}
	}
	out := make([]Model, len(p.models))
	for m, name := range p.models {
		out[m] = Model{Name: name, Credits: make([]KeyCredit, 0, len(used))}
		for _, k := range used {
			out[m].Credits = append(out[m].Credits, KeyCredit{
				Key: names[k], AcquisitionsMicro: t.micro[m][k],
				Acquisitions: *referral.Micros(t.micro[m][k]), ValueMinor: t.minor[m][k],
			})
		}
	}
	return out
}

// disagreement is the share of all conversions by which a key's credit must differ between two
// models before a reader is told: a tenth of the programme changes what one would do.
const disagreement = 10 // one part in

func findings(def Definition, p *plan, t *tally) []referral.Finding {
	var out []referral.Finding
	if t.conversions == 0 {
		return append(out, referral.Finding{
			Code: "no-conversions", Subject: def.Conversion,
			Detail: fmt.Sprintf("no analysed %q event lies before as-of, so nothing is credited", def.Conversion),
		})
	}
	if n := t.conversions - t.touched; n > 0 {
		out = append(out, referral.Finding{
			Code: "conversions-without-touch", Subject: def.Conversion,
			Detail: fmt.Sprintf("%d of %d conversions have no touch in the window and are credited to %s", n, t.conversions, None),
		})
	}
	if t.keyless > 0 {
		out = append(out, referral.Finding{
			Code: "touches-without-key", Subject: def.By,
			Detail: fmt.Sprintf("%d touches have no %s and earn nothing", t.keyless, def.By),
		})
	}
	if f, ok := disagree(p, t); ok {
		out = append(out, f)
	}
	return out
}

// disagree names the key on which the models differ most, if they differ much.
func disagree(p *plan, t *tally) (referral.Finding, bool) {
	worst, gap, least, most := -1, int64(0), 0, 0
	for k := range p.keys {
		lo, hi := 0, 0
		for m := range p.models {
			if t.micro[m][k] < t.micro[lo][k] {
				lo = m
			}
			if t.micro[m][k] > t.micro[hi][k] {
				hi = m
			}
		}
		if g := t.micro[hi][k] - t.micro[lo][k]; g > gap {
			worst, gap, least, most = k, g, lo, hi
		}
	}
	if worst < 0 || gap < t.conversions*referral.MicroScale/disagreement {
		return referral.Finding{}, false
	}
	return referral.Finding{
		Code: "models-disagree", Subject: p.keys[worst],
		Detail: fmt.Sprintf("%s of %d conversions by model %s, %s by model %s: credit depends on the model chosen",
			referral.Micros(t.micro[least][worst]), t.conversions, p.models[least], referral.Micros(t.micro[most][worst]), p.models[most]),
	}, true
}
