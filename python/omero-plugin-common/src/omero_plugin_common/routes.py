"""Routes of the shared library, below `/omero_plugin_common/`."""

from __future__ import annotations

from django.urls import path

from omero_plugin_common.jobs import views as jobs
from omero_plugin_common.metrics.views import metrics
from omero_plugin_common.web.components import components

urlpatterns = [
    path("jobs/", jobs.list_jobs, name="omero_plugin_common_jobs"),
    path("jobs/<str:job_id>/", jobs.poll, name="omero_plugin_common_job"),
    path("jobs/<str:job_id>/cancel/", jobs.cancel, name="omero_plugin_common_job_cancel"),
    path("jobs/<str:job_id>/retry/", jobs.retry, name="omero_plugin_common_job_retry"),
    path("metrics", metrics, name="omero_plugin_common_metrics"),
    path("components/", components, name="omero_plugin_common_components"),
]
