"""The wire: Ice adapters, router, sessions and the dispatch of operations; knows no rules of OMERO."""
