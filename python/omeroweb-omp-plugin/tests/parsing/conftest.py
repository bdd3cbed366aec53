"""Lets tests import the golden file's reader, which is also a command."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
