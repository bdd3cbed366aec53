"""What is wrong with a plugin, and keeping that from reaching the others."""
