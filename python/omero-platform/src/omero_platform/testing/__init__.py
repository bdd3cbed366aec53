"""The checks and tests of this repository, as the test command runs them."""
