#!/bin/sh
# Pictures of the demo's reports for the README: first screen of each page, light, 1280 x 900. Needs a demo that has run and a Chromium.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
for b in chromium chromium-browser google-chrome; do
  if command -v "$b" >/dev/null 2>&1; then browser=$b; break; fi
done
[ -f "$root/demo/out/index.html" ] || { echo "run make demo first"; exit 1; }
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
mkdir -p "$root/docs/img"
for page in partners experiments weekly; do
  "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" --virtual-time-budget=4000 \
    --window-size=1280,900 --screenshot="$root/docs/img/$page.png" "file://$root/demo/out/$page.html" 2>"$profile/log" || { cat "$profile/log"; exit 1; }
  echo "docs/img/$page.png"
done
