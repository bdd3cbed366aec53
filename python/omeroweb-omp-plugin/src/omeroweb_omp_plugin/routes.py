"""The plugin's routes."""

from __future__ import annotations

from django.urls import path

from omeroweb_omp_plugin.routes_ai import routes as ai_routes
from omeroweb_omp_plugin.views import pages, reading, runs

APP = "omeroweb_omp_plugin"

urlpatterns = [
    path("", pages.studio, name=f"{APP}_index"),
    path("sources/", reading.sources, name=f"{APP}_sources"),
    path("suggest/", reading.suggest, name=f"{APP}_suggest"),
    path("preview/", reading.preview, name=f"{APP}_preview"),
    path("write/", reading.write, name=f"{APP}_write"),
    path("progress/<str:job_id>/", runs.job_progress, name=f"{APP}_progress"),
    path("runs/", runs.runs, name=f"{APP}_runs"),
    path("results/<str:job_id>/", runs.results, name=f"{APP}_results"),
    path("undo/<str:job_id>/", runs.undo, name=f"{APP}_undo"),
    *ai_routes,
]
