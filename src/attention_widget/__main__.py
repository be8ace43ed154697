"""``python -m attention_widget``: the command line."""

import sys

from attention_widget.cli.command import main

if __name__ == "__main__":
    sys.exit(main())
