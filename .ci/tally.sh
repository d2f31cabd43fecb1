# Sourced by run and nightly: runs their steps, whatever the steps before found, and sums up.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CI=true
exec </dev/null

passed=0
failed=0
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# tests COMMAND...: a run of vitest; every test counts. A test file that could not be run counts as a failure, and so
# does a run that broke off with no failed test to show for it.
tests() {
  local report status=0 counts
  report=$(mktemp -u "$reports/XXXXXX.json")
  printf '\n== %s\n' "$*"
  TEST_REPORT=$report "$@" || status=$?
  counts=$(node .ci/count-tests.cjs "$report" "$status")
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
}

# step COMMAND...: counts as one.
step() {
  printf '\n== %s\n' "$*"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# has_script NAME: does package.json define it?
has_script() {
  [ "$(npm pkg get "scripts.$1")" != "{}" ]
}

# The last line, and the exit code.
sum_up() {
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
