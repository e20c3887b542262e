package files

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestTotalMemory_lesserOfMachineAndLimit(t *testing.T) {
	const meminfo = "MemTotal:        4096 kB\nMemFree:          100 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no limit":         {map[string]string{"proc/meminfo": meminfo}, 4096 * 1024},
		"version 2":        {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "1048576\n"}, 1 << 20},
		"version 2, max":   {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "max\n"}, 4096 * 1024},
		"version 1":        {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory/memory.limit_in_bytes": "2097152"}, 2 << 20},
		"version 1, huge":  {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"}, 4096 * 1024},
		"nothing known":    {nil, 0},
		"broken meminfo":   {map[string]string{"proc/meminfo": "MemTotal: lots\n"}, 0},
		"meminfo without":  {map[string]string{"proc/meminfo": "MemFree: 1 kB\n"}, 0},
		"limit of nothing": {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": ""}, 4096 * 1024},
	} {
		root := t.TempDir()
		for p, text := range c.files {
			full := filepath.Join(root, p)
			if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := totalMemory(root)
		if got != c.want || (err != nil) != (c.want == 0) || err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %d, %v; want %d", name, got, err, c.want)
		}
	}
}

func TestFreeSpace(t *testing.T) {
	if n, err := FreeSpace(t.TempDir()); err != nil && !errors.Is(err, ErrUnknown) || err == nil && n <= 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := FreeSpace(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("free space of an absent folder")
	}
}
