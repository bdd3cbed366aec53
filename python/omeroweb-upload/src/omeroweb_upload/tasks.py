"""Kinds of jobs of the plugin; importing this module registers them."""

from __future__ import annotations

from omeroweb_upload.services import edx_jobs

__all__ = ["edx_jobs"]
