// Package pipeline is the order of a run: open a project, load what is new, derive credit and flags,
// compute every analysis, and hand one reports.Bundle to the renderers. Commands that answer one
// question use the same parts, so that no two outputs can disagree.
package pipeline

// Version is the program's version. It is part of the run id: another version may answer otherwise.
const Version = "0.1.0"
