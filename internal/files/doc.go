// Package files is the only door to the file system: reads, atomic writes, locks, hashes, path
// rules, temporary folders and the few facts about the machine that limits derive from.
//
// What is written appears whole or not at all: a writer fills a temporary file in the folder of the
// target, flushes it to disk and renames it. A path that comes from a configuration or from data is
// joined through Join or checked with Within, so that neither ".." nor a symbolic link leaves the
// project.
package files
