#!/usr/bin/env bash
# Everything that must hold before a change is done: format, lints, tests, and the real servers among the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

heading() { printf '\n== %s\n' "$1"; }

heading "tools"
cargo fmt --version >/dev/null 2>&1 || rustup --quiet component add rustfmt
cargo clippy --version >/dev/null 2>&1 || rustup --quiet component add clippy
cargo --version

heading "real servers"
tests/peers/install.sh

heading "browser"
tests/browser/install.sh

heading "format"
cargo fmt --check

heading "lints"
cargo clippy --all-targets --locked -- -D warnings

heading "tests"
cargo test --locked
