#!/usr/bin/env bash
# Replaces a golden file in the source tree: update_golden.sh OUTPUT GOLDEN, both relative to the runfiles.
set -euo pipefail

cp -f "$1" "$BUILD_WORKSPACE_DIRECTORY/$2"
chmod 644 "$BUILD_WORKSPACE_DIRECTORY/$2"
echo "wrote $2"
