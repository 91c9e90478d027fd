#!/usr/bin/env bash
# The one step of action.yml, which any other CI can call as well: convert a model, validate bundles, leave the reports.
#
# Reads INPUT_MODEL, INPUT_INPUTS_FROM, INPUT_INPUT, INPUT_MODE, INPUT_CONVERT_ARGUMENTS, INPUT_BUNDLES, INPUT_POLICY,
# INPUT_BASELINE, INPUT_PYTHON and INPUT_RESULTS; an empty one is as good as none. TORCHASSAY names a program other than this
# checkout's. GITHUB_STEP_SUMMARY gets the Markdown summary, GITHUB_OUTPUT the lines status=N and results=FOLDER.
#
# Exit status: that of `validate`, or of `convert` where it could not convert; 4 where there is neither a model nor a bundle.
set -euo pipefail

tools=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
torchassay=${TORCHASSAY:-$tools/torchassay}
mkdir -p "${INPUT_RESULTS:=torchassay-results}"
results=$(cd "$INPUT_RESULTS" && pwd)
bundles=()

finish() { # STATUS
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -e "$results/summary.md" ]; then
    cat "$results/summary.md" >> "$GITHUB_STEP_SUMMARY"
  fi
  if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'status=%s\nresults=%s\n' "$1" "$results" >> "$GITHUB_OUTPUT"
  fi
  exit "$1"
}

lines() { # ARRAY TEXT: appends the lines of TEXT that are not empty
  local -n array=$1
  local line
  while IFS= read -r line; do
    [ -z "$line" ] || array+=("$line")
  done <<< "$2"
}

convert() {
  local arguments=(--mode "${INPUT_MODE:-auto}" --json "$results/convert.json" --sarif "$results/convert.sarif")
  local specs=() spec name status=0
  [ -z "${INPUT_INPUTS_FROM:-}" ] || arguments+=(--inputs-from "$INPUT_INPUTS_FROM")
  [ -z "${INPUT_PYTHON:-}" ] || arguments+=(--python "$INPUT_PYTHON")
  lines specs "${INPUT_INPUT:-}"
  for spec in "${specs[@]}"; do arguments+=(--input "$spec"); done
  lines arguments "${INPUT_CONVERT_ARGUMENTS:-}"
  name=$(basename "${INPUT_MODEL##*:}" .pt)
  bundles+=("$results/$name.assay")
  "$torchassay" convert "$INPUT_MODEL" "${arguments[@]}" -o "$results/$name.assay" || status=$?
  [ "$status" -le 1 ] || finish "$status"  # a proved divergence is in the bundle: `validate` and the policy decide
}

validate() {
  local arguments=() status=0
  [ -z "${INPUT_POLICY:-}" ] || arguments+=(--policy "$INPUT_POLICY")
  [ -z "${INPUT_BASELINE:-}" ] || arguments+=(--baseline "$INPUT_BASELINE")
  "$torchassay" validate "${bundles[@]}" "${arguments[@]}" --json "$results/result.json" --junit "$results/junit.xml" \
    --sarif "$results/results.sarif" --markdown "$results/summary.md" --html "$results/report.html" || status=$?
  finish "$status"
}

rm -f "$results"/{convert,result}.json "$results"/{convert,results}.sarif "$results"/{junit.xml,summary.md,report.html}
if [ -n "${INPUT_MODEL:-}" ]; then convert; fi
lines bundles "${INPUT_BUNDLES:-}"
if [ "${#bundles[@]}" = 0 ]; then
  echo 'error: neither a model nor a bundle was given' >&2
  finish 4
fi
validate
