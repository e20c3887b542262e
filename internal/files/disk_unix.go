//go:build unix

package files

import "syscall"

// FreeSpace returns the bytes an ordinary user may still write to the file system of a folder.
func FreeSpace(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
