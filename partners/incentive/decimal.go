package incentive

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// ErrDecimal says that a text is not a decimal number.
var ErrDecimal = errors.New("not a decimal number")

// Decimal is an exact decimal number such as a commission rate. A binary float cannot hold 0.145,
// and 0.145 × 100 minor units is a tie that has to round to 15; a Decimal keeps what was written.
// The zero value is 0.
type Decimal struct{ r *big.Rat }

// maxLiteral and maxExponent bound what is written, so that one short text cannot ask for a number
// with a billion digits. A rate has some ten digits; these bounds are far above any.
const (
	maxLiteral  = 400
	maxExponent = 400
)

var literal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// ParseDecimal reads digits with an optional sign, point and exponent: "0.105", "-3", "1e-3". The
// error wraps ErrDecimal.
func ParseDecimal(text string) (Decimal, error) {
	bad := fmt.Errorf("%.40q: %w", text, ErrDecimal)
	if len(text) > maxLiteral || !literal.MatchString(text) {
		return Decimal{}, bad
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return Decimal{}, bad
		}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return Decimal{}, bad
	}
	return Decimal{r}, nil
}

// DecimalOf returns a whole number as a Decimal.
func DecimalOf(n int64) Decimal { return Decimal{new(big.Rat).SetInt64(n)} }

// Rat returns the number as a fraction the caller may change.
func (d Decimal) Rat() *big.Rat {
	if d.r == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Set(d.r)
}

// Sign returns −1, 0 or +1.
func (d Decimal) Sign() int {
	if d.r == nil {
		return 0
	}
	return d.r.Sign()
}

// String writes the number without exponent and without trailing zeros.
func (d Decimal) String() string {
	r := d.Rat()
	// The denominator of a decimal is 2^a·5^b; max(a, b) digits hold it exactly.
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

// UnmarshalJSON reads a JSON number from its literal. A text is refused: where a number belongs, "1"
// is a mistake.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	v, err := ParseDecimal(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// MarshalJSON writes the number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }
