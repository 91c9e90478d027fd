"""`python -m torchassay`: the converter's parent process."""

import sys

from torchassay.cli.parent import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
