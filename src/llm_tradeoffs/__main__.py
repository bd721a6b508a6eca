"""``python -m llm_tradeoffs`` is the command line."""

import sys

from llm_tradeoffs.cli import main

if __name__ == "__main__":
    sys.exit(main())
