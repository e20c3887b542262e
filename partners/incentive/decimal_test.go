package incentive

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// dec reads a decimal of a test.
func dec(t testing.TB, text string) Decimal {
	t.Helper()
	d, err := ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func decs(t testing.TB, texts ...string) []Decimal {
	t.Helper()
	out := make([]Decimal, len(texts))
	for i, s := range texts {
		out[i] = dec(t, s)
	}
	return out
}

func TestParseDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "007": "7", "0.105": "0.105", "-1.50": "-1.5", "1e3": "1000", "25E-4": "0.0025", "1e+2": "100",
		"0.1000000000000000000000000000001": "0.1000000000000000000000000000001",
	} {
		if got := dec(t, text).String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{
		"", " 1", "1 ", "+1", ".5", "5.", "1,5", "0x10", "1/3", "1_000", "NaN", "inf", "--1", "1e", "1e401", "1e-401", "1e99999999999999999999",
		strings.Repeat("1", maxLiteral+1),
	} {
		if d, err := ParseDecimal(text); !errors.Is(err, ErrDecimal) {
			t.Errorf("%q gave %v, %v", text, d, err)
		}
	}
}

func TestDecimal_zeroValue(t *testing.T) {
	var d Decimal
	if d.Sign() != 0 || d.String() != "0" || d.Rat().Sign() != 0 {
		t.Errorf("%v", d)
	}
}

// The number cannot be changed through what it hands out.
func TestDecimal_isImmutable(t *testing.T) {
	d := dec(t, "0.5")
	d.Rat().SetInt64(7)
	if d.String() != "0.5" {
		t.Errorf("changed to %s", d)
	}
}

func TestDecimal_json(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, digits := rapid.Int64().Draw(t, "n"), rapid.IntRange(0, 30).Draw(t, "digits")
		r := new(big.Rat).SetFrac(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
		b, err := json.Marshal(Decimal{r})
		if err != nil {
			t.Fatal(err)
		}
		var back Decimal
		if err := json.Unmarshal(b, &back); err != nil || back.Rat().Cmp(r) != 0 {
			t.Fatalf("%s came back as %s, %v", b, back, err)
		}
	})
	for _, text := range []string{`"1"`, `true`, `null`, `[1]`} {
		var d Decimal
		if err := d.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s was read as %s", text, d)
		}
	}
}
