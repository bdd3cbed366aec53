"""End-to-end checks that say what is wrong and what to do."""
