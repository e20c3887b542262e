// Package demo writes a project with seeded data of a referral programme whose truth is known: the
// rates, lifetime values and lifts the data were drawn from, and the counts and sums that were
// drawn. It lets a new user see every report within a minute and lets tests compare the engine with
// an answer it did not compute.
//
// # The world
//
// A partner has a kind, a region with a currency, a time in the programme and a quality: how often
// its invitees click, sign up and buy, and how long customers stay. A referrer is a user who invites
// a few people for one partner. A person is an invitee of a referrer or comes unasked (organic).
//
//	invite_sent → invite_clicked → signed_up → onboarding_completed → activated → purchase
//	purchase → renewal each month while the customer stays, with expansions, repeat purchases and refunds
//
// Every step of the funnel happens with the partner's probability, whatever the day; referrers differ
// by a factor of mean one that acts on buying, so that people of one referrer are alike. All delays
// inside the funnel are cut so that a purchase lies within its 30 days, except for a stated share of
// late buyers. The expected values in truth.json follow from these few facts by sums, not by
// simulation.
//
// # Streams
//
// Every entity draws from a random stream of its own, keyed by the seed, its kind and its number.
// Persons are dealt to referrers in blocks of fixed numbers, and a referrer picks its partner by
// weighted rendezvous hashing. A history therefore does not change when more persons are asked for,
// and when partners are added only those change who choose one of the new partners.
//
// # What makes it hard
//
// Late events, duplicates with a corrected amount, equal timestamps, aliases, bots, internal users,
// people who refer themselves, a fraud ring, a partner who costs and never sells, five currencies,
// names in several scripts and one that tries to leave its page.
package demo
