"""Run the command line: `python -m omero_platform`."""

import sys

from omero_platform.cli import main

sys.exit(main())
