package referral

import "time"

// SignupEvent is the event of a new account unless the configuration names another.
const SignupEvent = "signed_up"

// Scope is what every analysis of one run shares: until when it sees, in which zone it counts days,
// and in which money it speaks. Nothing else reads the clock.
type Scope struct {
	AsOf     time.Time // exclusive: events with occurred_at < AsOf are seen; UTC
	Calendar Calendar
	Currency string
	// MarginMicros is the contribution per unit of revenue in millionths: 800000 is 0.8.
	MarginMicros int64
	// Acquisition is the event whose first occurrence makes a person a customer.
	Acquisition string
	// Signup is the event of a new account, for weekly figures and bursts; empty means SignupEvent.
	Signup string
	// Confidence is the level of intervals, in (0,1); 0.95 by default.
	Confidence float64
}

// SignupName is the event of a new account.
func (s Scope) SignupName() string {
	if s.Signup == "" {
		return SignupEvent
	}
	return s.Signup
}
