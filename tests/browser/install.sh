#!/usr/bin/env bash
# Installs what reads the HTML report in the tests: Debian's Chromium, and into target/browser the packages that drive it and
# look for obstacles. Does nothing when what is there was made from the same files.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${CARGO_TARGET_DIR:-$here/../../target}/browser
exec </dev/null

# Runs a command silently; shows what it said, and ends, when it fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        echo "tests/browser/install.sh: failed: $*" >&2
        exit 1
    fi
    rm -f "$log"
}

if ! command -v chromium >/dev/null; then
    echo "installing Chromium"
    quietly apt-get update
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core
fi

wanted=$({ node --version; cat "$here"/package*.json "$here/install.sh"; } | sha256sum | cut -d ' ' -f 1)
[[ -f $folder/stamp && $(<"$folder/stamp") == "$wanted" ]] && exit
echo "installing playwright-core and axe-core into target/browser"
rm -rf "$folder"
mkdir -p "$folder"
cp "$here"/package*.json "$here/.npmrc" "$folder"
quietly npm --prefix "$folder" ci --no-audit --no-fund --no-update-notifier --ignore-scripts
echo "$wanted" >"$folder/stamp"
