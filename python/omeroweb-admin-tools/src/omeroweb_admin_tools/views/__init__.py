"""HTTP in, HTTP out: each view parses, calls one service and answers."""
