#!/bin/sh
# Runs fuzz targets on stable Rust, two at a time, each for the given number of seconds: `native/fuzz/run.sh 20` all,
# `native/fuzz/run.sh 20 header` one; with FUZZ_SEED the same input again, without it new input. The flags are the
# coverage part of what cargo-fuzz sets; the address sanitizer is left out because it needs nightly and the crate has no
# unsafe code.
set -eu
cd "$(dirname "$0")"
seconds=${1:-20}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- header view factors formula
host=$(rustc -vV | sed -n 's/^host: //p')
folder=${CARGO_TARGET_DIR:-target}/$host/release
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares" \
  cargo build --quiet --release --target "$host" --bins
status=0
# shellcheck disable=SC2016 # the inner shell expands them
printf '%s\n' "$@" | xargs -P 2 -I {} sh -c '
  mkdir -p "corpus-work/$3" "artifacts/$3" "corpus/$3"
  "$1/$3" -seed="${FUZZ_SEED:-0}" -max_total_time="$2" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="artifacts/$3/" "corpus-work/$3" "corpus/$3" >"artifacts/$3.log" 2>&1
' sh "$folder" "$seconds" {} || status=$?
for target in "$@"; do
  echo "== $target"
  cat "artifacts/$target.log"
done
exit "$status"
