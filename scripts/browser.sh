#!/bin/sh
# Finds a Chromium for the page tests; installs Debian's where this user may. Without one the page tests skip with a message,
# unless VOUCH_BROWSER=require, as the gate sets it.
set -eu
for b in chromium chromium-browser google-chrome; do
  if command -v "$b" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing chromium"
  log=$(mktemp)
  if apt-get update >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core >>"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  tail -5 "$log"
  rm -f "$log"
fi
echo "no chromium found: the page tests will be skipped; install the Debian package chromium to run them"
[ "${VOUCH_BROWSER:-}" != require ]
