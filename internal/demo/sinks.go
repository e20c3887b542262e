package demo

import (
	"errors"
	"path/filepath"
	"strconv"
	"time"

	"vouch/referral"
)

// isoTime is how files with a zone write times.
const isoTime = "2006-01-02T15:04:05.000Z"

// localTime is how billing writes them: as the clock on the wall, without a zone.
const localTime = "02.01.2006 15:04:05"

// sinks are the files that grow person by person.
type sinks struct {
	zone                                     *time.Location
	web, invites, product, billing, lastYear *output
	exposures, persons, identities           *output
}

// newSinks opens the files below dir; web events go to scratch and become Parquet at the end.
func newSinks(dir, scratch string, zone *time.Location) (*sinks, error) {
	s := &sinks{zone: zone}
	var errs []error
	open := func(to **output, path string, packed bool, header ...string) {
		var err error
		if len(header) == 0 {
			*to, err = newOutput(path, packed)
		} else {
			*to, err = newTable(path, packed, header...)
		}
		errs = append(errs, err)
	}
	at := func(name string) string { return filepath.Join(dir, "data", name) }
	open(&s.web, filepath.Join(scratch, "web.csv"), false, webColumns...)
	open(&s.invites, at("invites.csv.gz"), true, "id", "sent_at", "received_at", "invitee", "inviter", "code", "partner", "campaign")
	open(&s.product, at("product.ndjson.gz"), true)
	billing := []string{"line", "customer", "type", "booked", "received", "amount", "currency", "order_no", "state", "plan", "partner", "promo_code", "referred_by"}
	open(&s.lastYear, at("billing/2025.csv"), false, billing...)
	open(&s.billing, at("billing/2026.csv"), false, billing...)
	open(&s.exposures, at("exposures.csv"), false, "experiment", "unit_id", "variant", "exposed_at", "stratum")
	open(&s.persons, at("persons.csv"), false, "person_id", "name", "country", "flags")
	open(&s.identities, at("identities.csv"), false, "alias", "person_id")
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, s.abort())
	}
	return s, nil
}

func (s *sinks) all() []*output {
	return []*output{s.web, s.invites, s.product, s.lastYear, s.billing, s.exposures, s.persons, s.identities}
}

func (s *sinks) close() error {
	var errs []error
	for _, o := range s.all() {
		errs = append(errs, o.close())
	}
	return errors.Join(errs...)
}

// abort removes what was begun.
func (s *sinks) abort() error {
	var errs []error
	for _, o := range s.all() {
		if o != nil {
			errs = append(errs, o.file.Abort())
		}
	}
	return errors.Join(errs...)
}

// write puts one history into the files.
func (s *sinks) write(h *history) {
	flags := ""
	if h.class == internal {
		flags = referral.FlagInternal
	}
	s.persons.row(h.id, h.name, h.country, flags)
	if h.alias != "" {
		s.identities.row(h.alias, h.id)
	}
	for _, x := range h.exposures {
		s.exposures.row(x.experiment, x.unit, x.variant, x.at.Format(isoTime), x.stratum)
	}
	for i := range h.events {
		e := &h.events[i]
		old := *e
		if e.earlier != nil {
			old.received, old.amount = e.earlier.received, e.earlier.amount
		}
		// The replaced row stands before or after the one that counts: order must not matter.
		if e.earlier != nil && len(e.id)%2+i%2 == 1 {
			s.event(&old)
		}
		s.event(e)
		if e.earlier != nil && len(e.id)%2+i%2 != 1 {
			s.event(&old)
		}
	}
}

// webColumns are the contract names: the web source needs no mapping.
var webColumns = []string{
	"event_id", "person_id", "event", "occurred_at", "received_at", "referrer_id", "referral_code",
	"partner_id", "channel", "campaign", "user_agent", "device", "landing",
}

// productLine is a line of product.ndjson.gz.
type productLine struct {
	ID       string `json:"id"`
	User     string `json:"user"`
	Event    string `json:"event"`
	TS       int64  `json:"ts"`
	Received int64  `json:"received_ts"`
	Platform string `json:"platform"`
	Referrer string `json:"referrer,omitempty"`
	Code     string `json:"code,omitempty"`
	Partner  string `json:"partner,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Campaign string `json:"campaign,omitempty"`
	Device   string `json:"device,omitempty"`
}

// billingTypes are the words billing uses; vouch.yaml maps them back.
var billingTypes = map[string]string{
	evPurchase: "subscription", evRenewal: "renewal", evExpansion: "upgrade", evRefund: "credit_note",
}

func (s *sinks) event(e *event) {
	switch e.source {
	case srcWeb:
		s.web.row(e.id, e.as, e.name, e.at.Format(isoTime), e.received.Format(isoTime), e.referrer, e.code,
			e.partner, e.channel, e.campaign, e.agent, e.device, e.landing)
	case srcInvites:
		s.invites.row(e.id, e.at.Format(isoTime), e.received.Format(isoTime), e.as, e.referrer, e.code, e.partner, e.campaign)
	case srcProduct:
		s.product.line(productLine{
			e.id, e.as, e.name, e.at.UnixMilli(), e.received.UnixMilli(), e.platform,
			e.referrer, e.code, e.partner, e.channel, e.campaign, e.device,
		})
	case srcBilling:
		out, amount := s.billing, e.amount
		if e.at.In(s.zone).Year() == 2025 {
			out = s.lastYear
		}
		if e.name == evRefund { // a credit note is a negative line
			amount = -amount
		}
		out.row(e.id, e.as, billingTypes[e.name], e.at.In(s.zone).Format(localTime), e.received.In(s.zone).Format(localTime),
			referral.Money{Minor: amount, Currency: e.currency}.Decimal(), e.currency, e.order, e.status, e.plan,
			e.partner, e.code, e.referrer)
	default:
		panic("demo: no file for events of " + strconv.Quote(e.source))
	}
}
