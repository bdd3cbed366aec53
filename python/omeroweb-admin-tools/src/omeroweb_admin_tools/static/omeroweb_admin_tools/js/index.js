// The overview: how the services are.
