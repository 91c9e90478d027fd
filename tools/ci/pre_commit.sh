#!/usr/bin/env bash
# Traces each file that defines both a model and its example inputs; fails where a trace is proved to diverge.
#
#   pre_commit.sh [--model NAME] [--inputs-from NAME] [--budget SECONDS] FILE.py…
#
# A file without both names (default: `build` and `example_inputs`) is no model and is passed over. Exit status: the worst of
# all files: 0, 1 diverged, 2 could not be converted.
set -uo pipefail

tools=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
model=build
inputs=example_inputs
budget=5
worst=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

defines() { grep -qE "^(def|class|async def) $2\b|^$2 *=" "$1"; }

while [ $# -gt 0 ]; do
  case $1 in
    --model) model=$2; shift 2; continue ;;
    --inputs-from) inputs=$2; shift 2; continue ;;
    --budget) budget=$2; shift 2; continue ;;
    -*) echo "error: unknown flag \`$1\`" >&2; exit 4 ;;
  esac
  if defines "$1" "$model" && defines "$1" "$inputs"; then
    status=0
    "$tools/torchassay" convert "$1:$model" --inputs-from "$1:$inputs" --mode trace --budget "$budget" \
      -o "$work/model.assay" --quiet || status=$?
    [ "$status" -le "$worst" ] || worst=$status
  fi
  shift
done
exit "$worst"
