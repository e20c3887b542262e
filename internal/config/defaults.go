package config

import "vouch/referral"

// Defaults of keys that a project leaves out.
const (
	defaultZone        = "UTC"
	defaultCurrency    = "EUR"
	defaultWeekStart   = "monday"
	defaultMargin      = "1"
	defaultDatabase    = ".vouch/vouch.duckdb"
	defaultOut         = "out"
	defaultAcquisition = "purchase"
	defaultCredit      = "last_touch"
	defaultMailPort    = 587
	defaultMailTLS     = "starttls"
)

// defaultRefunds are the events that take money back unless revenue.refunds says otherwise.
func defaultRefunds() []string { return []string{"refund", "reversal", "chargeback"} }

// defaults fills in what the file left out. An empty text that was written stays for validation to
// refuse, except where it means the same as leaving the key out.
func (c *Config) defaults() {
	set := func(path string, dst *string, value string) {
		if _, written := c.places[path]; !written {
			*dst = value
		}
	}
	set("timezone", &c.Timezone, defaultZone)
	set("currency", &c.Currency, defaultCurrency)
	set("week_start", &c.WeekStart, defaultWeekStart)
	set("database", &c.Database, defaultDatabase)
	set("out", &c.Out, defaultOut)
	set("acquisition.event", &c.Acquisition.Event, defaultAcquisition)
	set("signup.event", &c.Signup.Event, referral.SignupEvent)
	set("credit", &c.Credit, defaultCredit)
	set("mail.tls", &c.Mail.TLS, defaultMailTLS)
	if _, written := c.places["margin"]; !written {
		c.Margin = defaultMargin
	}
	if _, written := c.places["revenue.refunds"]; !written {
		c.Revenue.Refunds = defaultRefunds()
	}
	if _, written := c.places["mail.port"]; !written {
		c.Mail.Port = defaultMailPort
	}
}
