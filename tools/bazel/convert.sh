#!/usr/bin/env bash
# The action behind torchscript_bundle: convert.sh BUNDLE CONVERTER ARGUMENT…
#
# Converts into a folder of its own and then fills the one that Bazel has made already. A proved divergence (exit 1) is
# a finding in a bundle that was written, so the action succeeds; whether it may ship is decided by the test over the bundle.
set -euo pipefail

bundle=$1
converter=$2
shift 2
work=$(mktemp -d "${TMPDIR:-/tmp}/bundle.XXXXXX")
trap 'rm -rf "$work"' EXIT

status=0
SOURCE_DATE_EPOCH=0 "$converter" convert "$@" --quiet -o "$work/made.assay" || status=$?
[ "$status" -le 1 ] || exit "$status"
cp -R "$work/made.assay/." "$bundle/"
