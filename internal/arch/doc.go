// Package arch holds no code, only the test that keeps the import ranks of ARCHITECTURE.md true.
package arch
