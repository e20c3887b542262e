package demo

import (
	"math"
	"math/rand/v2"
)

// Kinds of entities with a random stream of their own.
const (
	kindPartner  = "partner"
	kindBlock    = "block"
	kindReferrer = "referrer"
	kindPerson   = "person"
	kindRates    = "rates"
	kindRing     = "ring"
	kindService  = "service"
)

// stream is the random source of one entity.
type stream struct{ *rand.Rand }

// newStream returns the stream keyed by (seed, kind, id): a PCG whose two words are hashes of the
// key. Equal keys give equal draws, different keys unrelated ones.
func newStream(seed uint64, kind string, id int) stream {
	h := hash(seed, kind, uint64(id))
	return stream{rand.New(rand.NewPCG(h, mix(h^0x9e3779b97f4a7c15)))}
}

// hash mixes a key into 64 bits: FNV-1a over the kind, then the finaliser of splitmix64 per number.
func hash(seed uint64, kind string, ids ...uint64) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(kind) {
		h = (h ^ uint64(kind[i])) * 1099511628211
	}
	h = mix(h ^ seed)
	for _, id := range ids {
		h = mix(h ^ id)
	}
	return h
}

// mix is the finaliser of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// chance is true with probability p. It always draws once, so that a changed probability does not
// shift the draws after it.
func (s stream) chance(p float64) bool { return s.Float64() < p }

// between returns a whole number in [lo, hi].
func (s stream) between(lo, hi int) int { return lo + s.IntN(hi-lo+1) }

// expo returns an exponential delay of the given mean, cut at most; both in seconds.
func (s stream) expo(mean, most float64) float64 { return math.Min(s.ExpFloat64()*mean, most) }

// pick returns an index with probability in proportion to its weight.
func (s stream) pick(weights ...float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	u := s.Float64() * total
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// choose returns one of the values, each as likely as the others.
func choose[T any](s stream, values []T) T { return values[s.IntN(len(values))] }

// logistic maps the real line to (0, 1).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logit is the inverse of logistic.
func logit(p float64) float64 { return math.Log(p / (1 - p)) }
