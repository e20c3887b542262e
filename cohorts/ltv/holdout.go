package ltv

import "vouch/referral"

// Outcome is customers of one history and what they bought in a hold-out after it.
type Outcome struct {
	Pattern
	Bought float64 // purchases of all of them together
}

// FrequencyClass is the hold-out of customers with the same number of repeat purchases before it.
type FrequencyClass struct {
	Repeats      int64 // the last class holds as many or more
	Customers    int64
	Actual       float64  // purchases
	Expected     float64  // purchases
	ActualMean   *float64 // per customer; nil without customers
	ExpectedMean *float64
}

// mostClasses bounds the classes of a hold-out.
const mostClasses = 100_000

// ByFrequency compares purchases of the hold-out time t with what the model expected, by the number of repeat purchases before:
// classes 0 to top, the last one open. Errors wrap ErrInput.
func ByFrequency(m Repeat, outcomes []Outcome, t float64, top int64) ([]FrequencyClass, error) {
	if top < 0 || top > mostClasses || !(t >= 0 && t <= largest) {
		return nil, invalid("%d classes over a time of %v", top, t)
	}
	classes := make([]FrequencyClass, top+1)
	for i := range classes {
		classes[i].Repeats = int64(i)
	}
	for _, o := range outcomes {
		if err := o.Check(); err != nil {
			return nil, err
		}
		if o.Count < 0 || !(o.Bought >= 0 && o.Bought <= largest) || (o.Count == 0 && o.Bought > 0) {
			return nil, invalid("%d customers with %v purchases in the hold-out", o.Count, o.Bought)
		}
		c := &classes[min(o.Repeats, top)]
		c.Customers += o.Count
		c.Actual += o.Bought
		if o.Count > 0 {
			c.Expected += float64(o.Count) * m.Expected(o.History, t)
		}
	}
	for i := range classes {
		if c := &classes[i]; c.Customers > 0 {
			c.ActualMean = referral.Float(c.Actual / float64(c.Customers))
			c.ExpectedMean = referral.Float(c.Expected / float64(c.Customers))
		}
	}
	return classes, nil
}
