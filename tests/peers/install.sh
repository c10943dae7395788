#!/usr/bin/env bash
# Installs what others wrote and the tests run against into target/peers: the servers scimmy (Node) and scim2-server
# (Python), and the filter parsers and PATCH engines of libraries from npm and PyPI. Does nothing when what is there was
# made from the same files.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peers=${CARGO_TARGET_DIR:-$here/../../target}/peers
mkdir -p "$peers"
peers=$(cd "$peers" && pwd)
exec </dev/null

# Runs a command silently; shows what it said, and ends, when it fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        echo "tests/peers/install.sh: failed: $*" >&2
        exit 1
    fi
    rm -f "$log"
}

need() {
    command -v "$1" >/dev/null || { echo "tests/peers/install.sh: $1 is missing; install $2" >&2; exit 1; }
}

# The hash of everything that an installation is made from: our files, and the runtime that it is built for.
stamp() {
    { "$1" --version 2>&1; find "$here/$2" -type f | LC_ALL=C sort | xargs sha256sum; sha256sum "$here/install.sh"; } |
        sha256sum | cut -d ' ' -f 1
}

# install NAME RUNTIME: calls `build_RUNTIME FOLDER` unless the stamp fits; the folder gets its name only when whole.
install() {
    local name=$1 wanted folder=$peers/$1
    wanted=$(stamp "$2" "$name")
    [[ -f $folder/stamp && $(<"$folder/stamp") == "$wanted" ]] && return
    echo "installing $name into target/peers"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -R "$here/$name/." "$folder"
    "build_$2" "$folder"
    echo "$wanted" >"$folder/stamp"
}

build_node() {
    quietly npm --prefix "$1" ci --no-audit --no-fund --no-update-notifier --ignore-scripts
}

build_python3() {
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        quietly apt-get update
        quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv
    fi
    quietly python3 -m venv "$1/venv"
    quietly "$1/venv/bin/python" -m pip install --disable-pip-version-check --no-input --require-hashes \
        --only-binary :all: --requirement "$1/requirements.txt"
}

need node "Node 18 or later"
need npm "npm"
need python3 "Python 3.11 or later"
install scimmy node
install scim2-server python3
install npm-libraries node
install pypi-libraries python3
