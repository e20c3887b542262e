#!/usr/bin/env bash
# Measures bin/vouch against lower bounds taken in the same run. The data are generated once and
# kept in VOUCH_BENCH_DIR (default bench/data). Further arguments go to the program, for example
# -events 1000000 -repeats 5; -help lists them.
set -euo pipefail
cd "$(dirname "$0")/.."
exec "${GO:-go}" run -tags duckdb_arrow ./bench -dir "${VOUCH_BENCH_DIR:-bench/data}" "$@"
