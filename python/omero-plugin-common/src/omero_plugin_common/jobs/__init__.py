"""Long work that survives restarts: rows in the plugin database, run step by step by Celery workers."""
