"""The plugin's routes."""

from __future__ import annotations

from django.urls import path

from omeroweb_omp_plugin.routes_ai import routes as ai_routes
from omeroweb_omp_plugin.views import (
    guide,
    legacy,
    openapi,
    pages,
    reading,
    removing,
    runs,
    spreadsheets,
    user_data,
    variable_sets,
)

APP = "omeroweb_omp_plugin"

urlpatterns = [
    path("", legacy.index, name=f"{APP}_index"),
    path("settings/", pages.settings, name=f"{APP}_settings"),
    path("guide/", guide.guide, name=f"{APP}_guide"),
    path("help/", guide.help_file, name=f"{APP}_help"),
    path("openapi.json", openapi.description, name=f"{APP}_openapi"),
    path("projects/", legacy.projects, name=f"{APP}_projects"),
    path("root-status/", legacy.root_status, name=f"{APP}_root_status"),
    path("start_job/", legacy.start_job, name=f"{APP}_start_job"),
    path("start_acq_job/", legacy.start_acq_job, name=f"{APP}_start_acq_job"),
    path("start_delete_all_job/", legacy.start_delete_all_job, name=f"{APP}_start_delete_all_job"),
    path("start_delete_plugin_job/", legacy.start_delete_plugin_job, name=f"{APP}_start_delete_plugin_job"),
    path("delete_all/", legacy.delete_all, name=f"{APP}_delete_all"),
    path("delete_plugin/", legacy.delete_plugin, name=f"{APP}_delete_plugin"),
    path("progress/<str:job_id>/", runs.job_progress, name=f"{APP}_progress"),
    path("sources/", reading.sources, name=f"{APP}_sources"),
    path("suggest/", reading.suggest, name=f"{APP}_suggest"),
    path("preview/", reading.preview, name=f"{APP}_preview"),
    path("write/", reading.write, name=f"{APP}_write"),
    path("runs/", runs.runs, name=f"{APP}_runs"),
    path("results/<str:job_id>/", runs.results, name=f"{APP}_results"),
    path("undo/<str:job_id>/", runs.undo, name=f"{APP}_undo"),
    path("remove/preview/", removing.preview, name=f"{APP}_remove_preview"),
    path("remove/", removing.remove, name=f"{APP}_remove"),
    path("acquisition/", removing.acquisition, name=f"{APP}_acquisition"),
    path("csv/export/", spreadsheets.export, name=f"{APP}_csv_export"),
    path("csv/look/", spreadsheets.look, name=f"{APP}_csv_look"),
    path("csv/write/", spreadsheets.write, name=f"{APP}_csv_write"),
    path("varsets/", variable_sets.names, name=f"{APP}_varsets"),
    path("varsets/save/", variable_sets.save, name=f"{APP}_varsets_save"),
    path("varsets/load/", variable_sets.load, name=f"{APP}_varsets_load"),
    path("varsets/delete/", variable_sets.delete, name=f"{APP}_varsets_delete"),
    path("varsets/rename/", variable_sets.rename, name=f"{APP}_varsets_rename"),
    path("varsets/share/", variable_sets.share, name=f"{APP}_varsets_share"),
    path("varsets/versions/", variable_sets.versions, name=f"{APP}_varsets_versions"),
    path("varsets/export/", variable_sets.export, name=f"{APP}_varsets_export"),
    path("varsets/import/", variable_sets.import_file, name=f"{APP}_varsets_import"),
    path("user-settings/", user_data.settings, name=f"{APP}_user_settings"),
    path("user-settings/save/", user_data.save, name=f"{APP}_user_settings_save"),
    path("user-data/delete-api-keys/", user_data.delete_keys, name=f"{APP}_delete_api_keys"),
    path("user-data/delete-variable-sets/", user_data.delete_sets, name=f"{APP}_delete_variable_sets"),
    path("user-data/delete-all/", user_data.delete_all, name=f"{APP}_delete_all_data"),
    *ai_routes,
]
