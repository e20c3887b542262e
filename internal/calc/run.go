package calc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"vouch/referral"
)

// Run answers each line of r, in order, with one line on w:
//
//	{"id":1,"method":"money.round","input":{"values":["0.5"]}}  →  {"id":1,"result":{"amounts":[1]}}
//
// or {"id":…,"error":{"code","message"}}. Lines may be of any length; blank ones are skipped; other
// keys of a line are ignored. A refused line is an answer, not an error of Run, which fails only
// when reading, writing or the context does. Answers are flushed whenever no further input is
// waiting, so that a program may ask and wait for the answer.
//
// portable takes funnels over portable SQL where that can state them; the answers are the same.
func Run(ctx context.Context, portable bool, r io.Reader, w io.Writer) (err error) {
	c := &calculator{methods: byName(Methods()), tables: Tables{portable: portable}}
	defer func() { err = errors.Join(err, c.tables.Close()) }()
	return c.run(ctx, r, w)
}

// calculator answers the lines of one run.
type calculator struct {
	methods map[string]Method
	tables  Tables
}

// byName indexes methods.
func byName(list []Method) map[string]Method {
	methods := make(map[string]Method, len(list))
	for _, m := range list {
		methods[m.Name] = m
	}
	return methods
}

func (c *calculator) run(ctx context.Context, r io.Reader, w io.Writer) error {
	in, out := bufio.NewReaderSize(r, 1<<16), bufio.NewWriterSize(w, 1<<16)
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, out.Flush())
		}
		line, readErr := in.ReadBytes('\n')
		if first {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if _, err := out.Write(append(c.reply(ctx, line), '\n')); err != nil {
				return fmt.Errorf("write answer: %w", err)
			}
		}
		if in.Buffered() == 0 || readErr != nil {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write answer: %w", err)
			}
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return fmt.Errorf("read input: %w", readErr)
		}
	}
}

// reply answers one line.
func (c *calculator) reply(ctx context.Context, line []byte) []byte {
	id, result, err := c.ask(ctx, line)
	if err == nil {
		var body []byte
		if body, err = encode(result); err == nil {
			return fmt.Appendf(nil, `{"id":%s,"result":%s}`, id, body)
		}
		err = &Error{Code: CodeInternal, Message: "write result: " + err.Error()}
	}
	e := (*Error)(nil)
	if !errors.As(err, &e) {
		e = &Error{Code: CodeInternal, Message: err.Error()}
	}
	body, jsonErr := encode(e)
	if jsonErr != nil { // two strings always encode
		panic(jsonErr)
	}
	return fmt.Appendf(nil, `{"id":%s,"error":%s}`, id, body)
}

// ask finds the method of a line and runs it.
func (c *calculator) ask(ctx context.Context, line []byte) (id []byte, result any, err error) {
	id = []byte("null")
	var req map[string]json.RawMessage
	if !utf8.Valid(line) {
		return id, nil, Invalid("the line is not UTF-8")
	}
	if err := json.Unmarshal(line, &req); err != nil || req == nil {
		return id, nil, Invalid("the line is not a JSON object with id, method and input")
	}
	if raw, ok := req["id"]; ok {
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			return id, nil, Invalid("id: %v", err)
		}
		id = b.Bytes()
	}
	var name string
	if err := json.Unmarshal(req["method"], &name); err != nil || name == "" {
		return id, nil, Invalid("method is missing: name one of those that `vouch calc --list` prints")
	}
	m, ok := c.methods[name]
	if !ok {
		return id, nil, unknown(c.methods, name)
	}
	result, err = c.guarded(ctx, m, req["input"])
	return id, result, err
}

// unknown says which method may have been meant.
func unknown(methods map[string]Method, name string) error {
	names := slices.Sorted(maps.Keys(methods))
	msg := fmt.Sprintf("unknown method %q", name)
	if near := referral.Suggest(name, names); near != "" {
		msg += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return &Error{Code: CodeUnknown, Message: msg}
}

// guarded runs a method and turns a panic into an error of that line: one bad line must not take
// the answers of the others with it.
func (c *calculator) guarded(ctx context.Context, m Method, input json.RawMessage) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, &Error{Code: CodeInternal, Message: fmt.Sprintf("%s: %v", m.Name, p)}
		}
	}()
	return m.Run(ctx, &c.tables, input)
}
