"""Changing group quotas and having them enforced."""
