//go:build !unix

package files

// FreeSpace is not known on this system.
func FreeSpace(string) (int64, error) { return 0, ErrUnknown }
