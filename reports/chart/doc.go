// Package chart turns numbers into chart options and small pictures. It is the only importer of
// go-echarts and gonum/plot.
//
// A chart leaves this package as JSON, never as HTML: the option is built with go-echarts, taken as
// a map by Validate and JSON, and marshalled by encoding/json, which escapes <, > and & and fails on
// NaN and infinities. The library's own Render drops that failure (an empty chart), writes names
// unescaped into the page and loads its script from a public host; it is never called, nor are its
// raw-JavaScript options.
//
// Functions cannot travel in JSON. Where the drawing library wants one, the option carries a key
// with a leading "@" and a name from a fixed list: "@formatter": "percent", "@color": "accent",
// "@renderItem": "whisker". Script (asset/bootstrap.js, a constant of every page) resolves them.
// Names of partners and the like are only ever values, so no data can reach such a key.
//
// Every number shown in a tooltip or label is text made by the caller, so that page, table and
// chart cannot format the same number in two ways.
package chart
