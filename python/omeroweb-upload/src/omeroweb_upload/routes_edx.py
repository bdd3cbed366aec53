"""Routes of attachments and SEM-EDX spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.urls import URLPattern

routes: list[URLPattern] = []
