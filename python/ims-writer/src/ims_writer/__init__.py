"""Streaming writer and conformance checker for Imaris 5.5 (.ims) files.

`ims_writer.write.write_ims` writes, `ims_writer.check.run.check_file` checks; neither knows OMERO or Django.
"""

VERSION = "1.0.0"
