"""The store: one table per family of model classes, in SQLite or PostgreSQL."""
