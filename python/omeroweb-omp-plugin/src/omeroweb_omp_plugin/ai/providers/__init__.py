"""One module per provider: the shapes of its requests and answers, without any network."""
