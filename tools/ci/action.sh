#!/usr/bin/env bash
# The one step of action.yml, which any other CI can call as well: convert a model, validate bundles, leave the reports.
#
# Reads INPUT_MODEL, INPUT_INPUTS_FROM, INPUT_INPUT, INPUT_MODE, INPUT_BUNDLES, INPUT_POLICY, INPUT_PYTHON, INPUT_RESULTS.
# Where GITHUB_STEP_SUMMARY is set, the Markdown summary goes there. Exit status: that of `validate`, or of `convert` where it
# could not convert; 4 where there is neither a model nor a bundle.
set -euo pipefail

tools=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
torchassay=$tools/torchassay
results=${INPUT_RESULTS:-torchassay-results}
bundles=()
mkdir -p "$results"

if [ -n "${INPUT_MODEL:-}" ]; then
  arguments=(--mode "${INPUT_MODE:-auto}" --json "$results/convert.json" --sarif "$results/convert.sarif")
  [ -z "${INPUT_INPUTS_FROM:-}" ] || arguments+=(--inputs-from "$INPUT_INPUTS_FROM")
  [ -z "${INPUT_PYTHON:-}" ] || arguments+=(--python "$INPUT_PYTHON")
  while IFS= read -r spec; do
    [ -z "$spec" ] || arguments+=(--input "$spec")
  done <<< "${INPUT_INPUT:-}"
  converted=$results/${INPUT_MODEL##*:}.assay
  status=0
  "$torchassay" convert "$INPUT_MODEL" "${arguments[@]}" -o "$converted" || status=$?
  [ "$status" -le 1 ] || exit "$status"  # a proved divergence is in the bundle: `validate` and the policy decide
  bundles+=("$converted")
fi
while IFS= read -r bundle; do
  [ -z "$bundle" ] || bundles+=("$bundle")
done <<< "${INPUT_BUNDLES:-}"
if [ "${#bundles[@]}" = 0 ]; then
  echo 'error: neither a model nor a bundle was given' >&2
  exit 4
fi

policy=()
[ -z "${INPUT_POLICY:-}" ] || policy=(--policy "$INPUT_POLICY")
status=0
"$torchassay" validate "${bundles[@]}" "${policy[@]}" --json "$results/result.json" --junit "$results/junit.xml" \
  --sarif "$results/results.sarif" --markdown "$results/summary.md" --html "$results/report.html" || status=$?
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -e "$results/summary.md" ]; then
  cat "$results/summary.md" >> "$GITHUB_STEP_SUMMARY"
fi
exit "$status"
