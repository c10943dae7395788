#!/usr/bin/env bash
# Mutation testing of what judges: cargo-mutants changes src/check, src/scim and src/shadow in one place at a time, and a
# change that no test notices survives.
#
#   tests/mutants.sh diff [BASE]      the places that differ from BASE (main)
#   tests/mutants.sh sample [SEED [N]] every Nth place (165th: about 30), another set for each SEED (today's date)
#   tests/mutants.sh full             all of them, which takes days
#
# The result is in target/mutants/mutants.out; missed.txt there lists the survivors. Ends with 1 when there are any.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo mutants --version >/dev/null 2>&1 || {
    echo "tests/mutants.sh: cargo-mutants is missing; cargo install cargo-mutants --locked" >&2
    exit 2
}
out=${CARGO_TARGET_DIR:-target}/mutants
mkdir -p "$out"
places=(--file 'src/check/**' --file 'src/scim/**' --file 'src/shadow/**')
case ${1:-} in
    diff)
        git diff "${2:-main}" -- src >"$out/diff"
        [[ -s $out/diff ]] || { echo "nothing differs from ${2:-main}"; exit 0; }
        places+=(--in-diff "$out/diff")
        ;;
    sample)
        seed=${2:-$(date +%Y%m%d)} every=${3:-165}
        echo "seed $seed"
        places+=(--sharding round-robin --shard "$((10#$seed % every))/$every")
        ;;
    full) ;;
    *)
        sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
esac

# The tests of these modules, the case files of the checks, and the second reading of filters.
code=0
cargo mutants "${places[@]}" --output "$out" --profile mutants --timeout 300 --no-shuffle --colors never \
    -- --locked --lib --test it -- scim:: shadow:: check:: checks:: independent::naive || code=$?
# 2: some survived, 3: some took too long, which is noticed too. Anything else is a failure of the tool.
[[ $code == 0 || $code == 2 || $code == 3 ]] || exit "$code"

count() { wc -l <"$out/mutants.out/$1.txt"; }
noticed=$(($(count caught) + $(count timeout)))
all=$((noticed + $(count missed)))
[[ $all == 0 ]] || echo "noticed: $noticed of $all ($((100 * noticed / all)) %); not compiled: $(count unviable)"
sed 's/^/survived: /' "$out/mutants.out/missed.txt"
[[ $(count missed) == 0 ]]
