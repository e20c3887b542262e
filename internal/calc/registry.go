// Package calc is the calculator behind `vouch calc`: a registry of methods that read one JSON
// object and answer with one, run over JSON Lines.
//
// A method is a thin door to a function of another package, the same one the reports use. It
// decodes, checks and encodes; it holds no formula of its own.
package calc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Method is one calculation by name.
type Method struct {
	Name   string   // "money.allocate": family, object, variant
	Doc    string   // one sentence: what it answers
	Input  []Field  // keys of the input object
	Output []string // keys of the result object
	Run    func(context.Context, *Tables, json.RawMessage) (any, error)
}

// Field is one key of a method's input.
type Field struct {
	Name     string
	Type     string // number, whole number, text, boolean, list of numbers, object, …
	Optional bool
}

// Codes of errors. They are part of the output's contract.
const (
	CodeInvalid  = "invalid_input"
	CodeCurrency = "currency_mismatch"
	CodeUnknown  = "unknown_method"
	CodeInternal = "internal"
)

// Error is a refusal with a stable code.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error writes the message.
func (e *Error) Error() string { return e.Message }

// Invalid returns an error of code invalid_input.
func Invalid(format string, args ...any) error {
	return &Error{Code: CodeInvalid, Message: fmt.Sprintf(format, args...)}
}

// families lists the functions that return the methods of a family; adding a family is a file and
// a line here.
var families = []func() []Method{
	moneyMethods,
	commissionMethods,
	tierMethods,
	bonusMethods,
	funnelMethods,
	attributionMethods,
	cpaMethods,
	shrinkMethods,
	paybackMethods,
	retentionMethods,
	viralMethods,
	repeatMethods, valueMethods, contractMethods, chainLadderMethods,
	proportionMethods, contingencyMethods, meanMethods, ratioMethods, momentMethods, numericMethods, multiplicityMethods,
	dunnettMethods, powerMethods, clusterMethods, referralMethods, noninferiorityMethods, censoringMethods, quantileMethods, strataMethods,
	sequentialMethods,
	cupedMethods, bayesMethods, rankMethods,
}

// Methods returns every method, sorted by name.
func Methods() []Method {
	var all []Method
	for _, family := range families {
		all = append(all, family()...)
	}
	slices.SortFunc(all, func(a, b Method) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// method builds a Method whose input is described by the fields of T: the json tag names a key, the
// tag calc:"optional" says that it may be left out. The input is decoded by decode. An error of run
// that is not an *Error is the caller's fault and becomes invalid_input with its text.
func method[T any](name, doc string, output []string, run func(T) (any, error)) Method {
	return Method{Name: name, Doc: doc, Output: output, Input: fields[T](), Run: func(_ context.Context, _ *Tables, raw json.RawMessage) (any, error) {
		in, err := decode[T](raw)
		if err != nil {
			return nil, err
		}
		return answer(run(in))
	}}
}

// answer turns a plain error into invalid_input.
func answer(result any, err error) (any, error) {
	if err == nil {
		return result, nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return nil, err
	}
	return nil, Invalid("%v", err)
}
