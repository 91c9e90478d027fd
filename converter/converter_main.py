"""The converter as Bazel runs it: `converter convert MODEL …`."""

import sys

from torchassay.cli.parent import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
