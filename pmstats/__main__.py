"""Lets `python -m pmstats` do what `pmstats` does."""

import sys

from pmstats.cli import main

sys.exit(main())
