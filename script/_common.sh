# Sourced by the scripts beside it: they all work from the root of the repository.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PY=.venv/bin/python

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
  warn "$*"
  exit 1
}

# The kernel passes TERM on when this script is killed the hard way, so that nothing outlives it. In a session of
# its own, a child is not hit by Ctrl-C a second time. Sets CHILD.
start_child() {
  setsid setpriv --pdeathsig TERM -- "$@" &
  CHILD=$!
}

# stop_children SIGNAL PID...: asks, waits at most 20 seconds, then ends what is left.
stop_children() {
  local signal=$1 pid tries
  shift
  kill -s "$signal" "$@" 2>/dev/null || true
  for pid in "$@"; do
    for ((tries = 0; tries < 200; tries++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}
