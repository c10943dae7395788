#!/usr/bin/env bash
# Which lines and branches the tests reach: runs them all with cargo-llvm-cov and leaves target/coverage/{lcov.info,html},
# the artefact of a CI run, and a table on the screen.
#
#   tests/coverage.sh [ARGUMENT OF cargo test]...     coverage.sh --lib: what the unit tests alone reach
#
# Branches are counted by a nightly compiler only; others count lines and regions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo llvm-cov --version >/dev/null 2>&1 || {
    echo "tests/coverage.sh: cargo-llvm-cov is missing; cargo install cargo-llvm-cov --locked" >&2
    exit 2
}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
out=$target/coverage
mkdir -p "$out" "$target/llvm-cov-target"
# It builds in a folder of its own, beside which the tests look for the real servers and the browser.
tests/peers/install.sh
tests/browser/install.sh
for installed in peers browser; do
    ln -sfn "$target/$installed" "$target/llvm-cov-target/$installed"
done
branch=()
rustc --version | grep -q nightly && branch=(--branch)
cargo llvm-cov --locked --no-report "${branch[@]}" "$@"
# A program that a test kills leaves half a file of counts, which is left out.
report=(cargo llvm-cov report "${branch[@]}" --failure-mode all)
"${report[@]}" --lcov --output-path "$out/lcov.info"
"${report[@]}" --html --output-dir "$out"
"${report[@]}"
