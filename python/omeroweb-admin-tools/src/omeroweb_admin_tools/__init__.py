"""Logs, resources, storage, quotas and diagnostics for administrators of OMERO."""
