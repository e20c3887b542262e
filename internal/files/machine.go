package files

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrUnknown says that the machine does not tell a fact about itself.
var ErrUnknown = errors.New("not known on this system")

// TotalMemory returns the bytes of memory this process may hope for: that of the machine or the
// limit of its control group, whichever is less. It wraps ErrUnknown where the system has no /proc.
func TotalMemory() (int64, error) { return totalMemory("/") }

func totalMemory(root string) (int64, error) {
	total := int64(0)
	b, err := os.ReadFile(filepath.Join(root, "proc/meminfo"))
	if err != nil {
		return 0, errors.Join(ErrUnknown, err)
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(v), "kB")), 10, 64)
			if err != nil {
				return 0, errors.Join(ErrUnknown, err)
			}
			total = kb * 1024
		}
	}
	if total == 0 {
		return 0, ErrUnknown
	}
	for _, limit := range []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := os.ReadFile(filepath.Join(root, limit))
		if err != nil {
			continue // the other version of control groups, or none
		}
		// "max" means no limit.
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 {
			total = min(total, n)
		}
	}
	return total, nil
}
