#!/usr/bin/env bash
# Traces each file that defines both a model and its example inputs; fails where a trace is proved to diverge.
#
#   pre_commit.sh [--model NAME] [--inputs-from NAME] [--budget SECONDS] FILE.py…
#
# A file without both names (default: `build` and `example_inputs`) is no model and is passed over. TORCHASSAY names a program
# other than this checkout's. Exit status: the worst of all files, 1 diverged, 2 could not be converted, 5 crashed; 4 usage.
set -uo pipefail

tools=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
torchassay=${TORCHASSAY:-$tools/torchassay}
model=build
inputs=example_inputs
budget=5
worst=0
files=()

usage() { echo "error: $1" >&2; exit 4; }

# At the left margin, so that a method of the same name is none. A name is no pattern.
defines() { # FILE NAME
  [[ $2 =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || usage "\`$2\` is no name"
  grep -qE "^(class|def|async def) +$2\b|^$2 *(:[^=]*)?=" -- "$1"
}

while [ $# -gt 0 ]; do
  case $1 in
    --model|--inputs-from|--budget)
      [ $# -gt 1 ] || usage "\`$1\` needs a value"
      case $1 in --model) model=$2 ;; --inputs-from) inputs=$2 ;; --budget) budget=$2 ;; esac
      shift 2 ;;
    --) shift; files+=("$@"); break ;;
    -*) usage "unknown flag \`$1\`" ;;
    *) files+=("$1"); shift ;;
  esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in ${files[@]+"${files[@]}"}; do
  defines "$file" "$model" && defines "$file" "$inputs" || continue
  status=0
  "$torchassay" convert "$file:$model" --inputs-from "$file:$inputs" --mode trace --budget "$budget" \
    -o "$work/model.assay" --quiet || status=$?
  [ "$status" -le "$worst" ] || worst=$status
done
exit "$worst"
