#!/usr/bin/env bash
# Builds docs/example-app with CMake against the environment's LibTorch and runs it on the demo's models.
# ResNet18 must answer "ok" and five numbers; MyModule must accept 1-D and throw on 4-D, as every tutorial's reader meets it.
set -euo pipefail

checkout=$(cd "$(dirname "$0")/../.." && pwd)
python=$("$checkout/tools/bootstrap" --venv)/bin/python
build=$checkout/.torchassay/example-app
bundles=$checkout/.torchassay/demo

cmake -S "$checkout/docs/example-app" -B "$build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$("$python" -c 'import torch; print(torch.utils.cmake_prefix_path)')"
cmake --build "$build" --parallel 2

resnet18=$("$build/example-app" "$bundles/resnet18.assay/model.pt" 1 3 224 224)
grep -qx 'ok' <<< "$resnet18"
[ "$(grep -cE '^ *-?[0-9]+\.[0-9]+$' <<< "$resnet18")" = 5 ]

"$build/example-app" "$bundles/my_module.assay/model.pt" 20 | grep -qx 'ok'
if "$build/example-app" "$bundles/my_module.assay/model.pt" 1 3 224 224 2> /dev/null; then
  echo 'a 4-D input was accepted by a model that wants 1-D' >&2
  exit 1
fi
