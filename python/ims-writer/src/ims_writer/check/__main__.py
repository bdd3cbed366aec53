"""`python -m ims_writer.check FILE`, the same as `ims-check FILE`."""

from ims_writer.check.cli import main

raise SystemExit(main())
