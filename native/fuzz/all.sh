#!/bin/sh
# Every fuzz target in turn, each for the given number of seconds: `native/fuzz/all.sh 20`.
set -eu
for target in header view factors formula; do
  sh "$(dirname "$0")/run.sh" "$target" "${1:-20}"
done
