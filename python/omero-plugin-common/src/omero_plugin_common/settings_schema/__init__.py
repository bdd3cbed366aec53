"""One typed description per component of what it reads from the environment, and everything derived from it."""
