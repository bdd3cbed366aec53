"""What the plugin answers to requests."""
