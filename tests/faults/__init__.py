"""What may happen to a server, done to a real one on purpose."""
