"""The rules of the admin tools; they know nothing of HTTP requests."""
