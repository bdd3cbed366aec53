"""The plugin's routes."""

from __future__ import annotations

from django.urls import path

from omeroweb_omp_plugin.routes_ai import routes as ai_routes
from omeroweb_omp_plugin.views import pages

urlpatterns = [path("", pages.studio, name="omeroweb_omp_plugin_index"), *ai_routes]
