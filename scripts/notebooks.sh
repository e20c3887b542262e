#!/bin/sh
# Executes every notebook on a small demo project. Outputs are thrown away: the notebooks are committed without any.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/bin/vouch" demo "$work/demo" --persons 3000 --partners 20 --quiet
"$root/bin/vouch" run --project "$work/demo" --quiet >/dev/null
cd "$work" # the kernels' pipes are made here
for nb in "$root"/notebooks/*.ipynb; do
  VOUCH="$root/bin/vouch" VOUCH_PROJECT="$work/demo" "$root/.venv/bin/python" "$root/scripts/notebook.py" "$nb"
done
