"""One module per service of the local stack: what has to be prepared before it starts, and the process that it is."""
