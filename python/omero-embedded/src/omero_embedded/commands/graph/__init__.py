"""Walking the graph of objects: which others go along when some are deleted, moved or given away.

The rules follow OMERO.server's documented graph policies (blitz-graph-rules), reduced to three kinds: parts share
the fate of their whole; shared objects follow when the last one that uses them goes; links end with either end.
"""
