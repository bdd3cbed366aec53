"""Real servers and a ready Django for the tests of the plugins."""
