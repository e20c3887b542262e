// Package reports turns a Bundle, the results of one run, into files: pages, their JSON twins and
// CSV tables.
//
// A page is one self-contained HTML file that opens from disk without a network: its style, its
// script, its charts and its tables are inside, and a content security policy with the hashes of
// exactly these parts allows nothing else. It opens with the answer in one sentence, shows the
// figures, the findings and the evidence (a chart, a sentence, a table), and ends with the method.
// Every sentence is made from the fields that the tables show; no sentence exists without its field.
//
// Numbers are written by one set of functions (format.go) for pages, charts and e-mail alike. Equal
// bundles give equal bytes.
package reports
