#!/bin/sh
# Runs one fuzz target on stable Rust: `native/fuzz/run.sh header 20` (seconds). The flags are the coverage part of
# what cargo-fuzz sets; the address sanitizer is left out because it needs nightly and the crate has no unsafe code.
set -eu
cd "$(dirname "$0")"
target=$1
seconds=${2:-20}
host=$(rustc -vV | sed -n 's/^host: //p')
mkdir -p "corpus-work/$target" "artifacts/$target" "corpus/$target"
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1" \
  cargo run --quiet --release --target "$host" --bin "$target" -- \
  -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
  -artifact_prefix="artifacts/$target/" "corpus-work/$target" "corpus/$target"
