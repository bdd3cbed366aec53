"""Whether a service is up, asked of the service itself."""
