"""Routes of the admin tools, below `/omeroweb_admin_tools/`."""

from __future__ import annotations

from django.urls import path

from omeroweb_admin_tools.views import diagnostics, logs, pages, proxy, quotas, resources, storage

P = "omeroweb_admin_tools"

urlpatterns = [
    path("", pages.index, name=f"{P}_index"),
    path("root-status/", pages.root_status, name=f"{P}_root_status"),
    path("help/", pages.help_text, name=f"{P}_help"),
    path("logs/", logs.logs_page, name=f"{P}_logs"),
    path("logs/data/", logs.logs_data, name=f"{P}_logs_data"),
    path("logs/sources/", logs.logs_sources, name=f"{P}_logs_sources"),
    path("logs/internal-labels/", logs.internal_labels, name=f"{P}_logs_internal_labels"),
    path("logs/context/", logs.logs_context, name=f"{P}_logs_context"),
    path("logs/download/", logs.logs_download, name=f"{P}_logs_download"),
    path("logs/reference/<str:reference>/", logs.logs_reference, name=f"{P}_logs_reference"),
    path("resource-monitoring/", resources.resources_page, name=f"{P}_resources"),
    path("resource-monitoring/data/", resources.resources_data, name=f"{P}_resources_data"),
    path("resource-monitoring/charts/", resources.resources_charts, name=f"{P}_resources_charts"),
    path("resource-monitoring/containers/", resources.resources_containers, name=f"{P}_resources_containers"),
    path("resource-monitoring/health/", resources.health, name=f"{P}_health"),
    path("resource-monitoring/grafana-proxy/", proxy.grafana, name=f"{P}_grafana"),
    path("resource-monitoring/grafana-proxy/<path:subpath>", proxy.grafana, name=f"{P}_grafana_path"),
    path("resource-monitoring/prometheus-proxy/", proxy.prometheus, name=f"{P}_prometheus"),
    path(
        "resource-monitoring/prometheus-proxy/<path:subpath>", proxy.prometheus, name=f"{P}_prometheus_path"
    ),
    path("storage/", storage.storage_page, name=f"{P}_storage"),
    path("storage/data/", storage.storage_data, name=f"{P}_storage_data"),
    path("storage/export/", storage.storage_export, name=f"{P}_storage_export"),
    path("storage/measure/", storage.storage_measure, name=f"{P}_storage_measure"),
    path("storage/quota/", quotas.quotas_page, name=f"{P}_quotas"),
    path("storage/quota/data/", quotas.quota_data, name=f"{P}_quota_data"),
    path("storage/quota/update/", quotas.quota_update, name=f"{P}_quota_update"),
    path("storage/quota/import/", quotas.quota_import, name=f"{P}_quota_import"),
    path("storage/quota/template/", quotas.quota_template, name=f"{P}_quota_template"),
    path("storage/quota/reconcile/", quotas.quota_reconcile, name=f"{P}_quota_reconcile"),
    path("server-database-testing/", diagnostics.diagnostics_page, name=f"{P}_diagnostics"),
    path("server-database-testing/run/", diagnostics.diagnostics_run, name=f"{P}_diagnostics_run"),
]
