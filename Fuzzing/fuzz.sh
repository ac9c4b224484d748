#!/usr/bin/env bash
# Fuzzes every reader, and the code behind the readers of models, for a while each, beginning from honest files, from what reached new branches in earlier calls
# (Fuzzing/.build/corpus), and from the inputs of earlier findings (Fuzzing/corpus).
#
#     fuzz.sh FUZZ SECONDS
#
# A finding stops it, stays in Fuzzing/findings and is printed; once fixed it belongs into Fuzzing/corpus, and as
# a case into the tests of its reader.
set -euo pipefail
cd "$(dirname "$0")"
program=$1
seconds=$2
mkdir -p findings
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
python3 seeds.py "$seeds"
export LSAN_OPTIONS="suppressions=$(cd .. && pwd)/Tests/leak-sanitizer.txt print_suppressions=0"
total=0
for target in idx gzip npy npz keras image safetensors pickle pytorch yaml rank init name records; do
  log=$seeds/$target.log
  mkdir -p "$seeds/$target"
  mkdir -p "corpus/$target" ".build/corpus/$target"
  # The address sanitizer and the backtraces of Swift stand in each other's way.
  if ! SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target "$program" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
    -rss_limit_mb=4096 -artifact_prefix="findings/$target-" -print_final_stats=1 \
    ".build/corpus/$target" "$seeds/$target" "corpus/$target" >"$log" 2>&1; then
    tail -40 "$log"
    echo "$target: a finding; its input is in Fuzzing/findings"
    exit 1
  fi
  count=$(awk '/stat::number_of_executed_units/ {print $2}' "$log")
  branches=$(grep -o 'cov: [0-9]*' "$log" | tail -1)
  echo "$target: $count inputs tried in $seconds s, ${branches/cov: /} branches reached, no finding"
  total=$((total + count))
done
echo "$total inputs tried, 0 findings"
