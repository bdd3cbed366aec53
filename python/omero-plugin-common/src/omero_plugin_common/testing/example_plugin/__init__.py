"""A small complete plugin: the worked example for authors, and what the library's own tests run."""
