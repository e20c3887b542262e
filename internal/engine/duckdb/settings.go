package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

// lockDown applies the settings in the order that makes them hold: limits first, then what SQL may
// load, then where it may read and write, and last the lock that freezes all of them. They belong to
// the database, not to a connection, so every connection of the pool has them; the time zone would
// be a matter of the session and is therefore set as the global default.
func lockDown(ctx context.Context, pool *sql.DB, o Options) error {
	for _, s := range settings(o) {
		if _, err := pool.ExecContext(ctx, s); err != nil {
			// Two handles of one process share the database; the first has locked it.
			if strings.Contains(err.Error(), "configuration has been locked") {
				return fmt.Errorf("%w by this process; close it first", ErrInUse)
			}
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func settings(o Options) []string {
	var out []string
	set := func(name, value string) { out = append(out, "SET GLOBAL "+name+"="+value) }
	if o.Memory != "" {
		set("memory_limit", literal(o.Memory))
	}
	set("temp_directory", literal(o.TempDir))
	if free, err := files.FreeSpace(existing(o.TempDir)); err == nil {
		// A tenth stays free, so that a large sort fails with a message before the disk is full.
		set("max_temp_directory_size", literal(fmt.Sprintf("%dB", free/10*9)))
	}
	set("threads", fmt.Sprint(o.Threads))
	set("TimeZone", "'UTC'")
	for _, off := range []string{
		"autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions", "allow_persistent_secrets",
	} {
		set(off, "false")
	}
	if len(o.AllowedDirs) > 0 {
		dirs := make([]string, len(o.AllowedDirs))
		for i, d := range o.AllowedDirs {
			dirs[i] = literal(d)
		}
		set("allowed_directories", "["+strings.Join(dirs, ", ")+"]")
	}
	set("enable_external_access", "false")
	set("lock_configuration", "true")
	return out
}

// literal quotes a text for a SET statement, which takes no placeholders.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// existing returns the nearest folder above path that exists: the temporary folder itself appears
// when something spills.
func existing(path string) string {
	dir, err := files.Existing(path)
	if err != nil {
		return path
	}
	return dir
}

// settingNames are the settings worth showing to whoever asks what this database may do.
var settingNames = []string{
	"TimeZone", "access_mode", "allow_community_extensions", "allow_persistent_secrets", "allowed_directories", "autoinstall_known_extensions",
	"autoload_known_extensions", "enable_external_access", "lock_configuration", "max_temp_directory_size",
	"memory_limit", "temp_directory", "threads",
}

// Settings returns name and value of the settings that Open fixed, as the database reports them.
func (d *DB) Settings(ctx context.Context) (map[string]string, error) {
	type setting struct{ name, value string }
	in := "?" + strings.Repeat(", ?", len(settingNames)-1)
	args := make([]any, len(settingNames))
	for i, n := range settingNames {
		args[i] = n
	}
	st := sqltext.Raw("settings", "SELECT name, value FROM duckdb_settings() WHERE name IN ("+in+") ORDER BY name", args...)
	rows, err := engine.Collect(ctx, d, st, func(r *sql.Rows) (setting, error) {
		var name string
		var value sql.Null[string]
		err := r.Scan(&name, &value)
		return setting{name, value.V}, err
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, s := range rows {
		out[s.name] = s.value
	}
	return out, nil
}
