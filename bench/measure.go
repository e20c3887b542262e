package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// sample is the repeats of one measurement.
type sample struct {
	name    string
	seconds []float64
	// cpu is the processor time of each repeat over all threads, the figure that suffers least from
	// other work on the machine; empty where it is not known.
	cpu    []float64
	rssMB  int64 // peak of the process, 0 for work inside this one
	result string
}

func (s *sample) min() float64 { return slices.Min(s.seconds) }

// median is the middle repeat, the lesser of two.
func (s *sample) median() float64 {
	sorted := slices.Sorted(slices.Values(s.seconds))
	return sorted[(len(sorted)-1)/2]
}

// timed adds one repeat of f.
func (s *sample) timed(f func() error) error {
	start, before := time.Now(), cpuSeconds()
	err := f()
	s.seconds = append(s.seconds, time.Since(start).Seconds())
	s.cpu = append(s.cpu, cpuSeconds()-before)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// process adds one repeat of a whole process and keeps what it wrote to standard output.
func (s *sample) process(ctx context.Context, argv ...string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Start()
	if err == nil {
		done := make(chan struct{})
		peak := watchMemory(cmd.Process.Pid, done)
		err = cmd.Wait()
		close(done)
		s.rssMB = max(s.rssMB, <-peak)
	}
	s.seconds = append(s.seconds, time.Since(start).Seconds())
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, errs.String())
	}
	s.cpu = append(s.cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	s.result = out.String()
	return nil
}

// watchMemory reads the peak of a process's memory in megabytes until it is done. The figure that the system
// keeps of a finished process counts what its parent held when it was started, so it is read while it runs.
func watchMemory(pid int, done <-chan struct{}) <-chan int64 {
	peak := make(chan int64, 1)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		most := int64(0)
		for {
			select {
			case <-done:
				peak <- most >> 10
				return
			case <-tick.C:
				most = max(most, highWater(pid))
			}
		}
	}()
	return peak
}

// highWater is VmHWM of a process in kilobytes, 0 if it is gone.
func highWater(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kb int64
	for line := range strings.Lines(string(b)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			return kb
		}
	}
	return 0
}

// cpuSeconds is the processor time this process has used so far.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// processor names the machine's processor, for the reader of the figures.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// load is the machine's load average of the last minute: figures taken on a busy machine are worth
// less, and only their ratios at that.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

var errNoBinary = errors.New("no such binary; build it with make build or name it with -vouch")
