"""Routes of the plugin, below `/omeroweb_upload/`."""

from __future__ import annotations

from django.urls import path

from omeroweb_upload.routes_edx import routes as edx_routes
from omeroweb_upload.views import index, places, shares, tus, uploads, user_settings
from omeroweb_upload.views.openapi import openapi

urlpatterns = [
    path("", index.index, name="omeroweb_upload_index"),
    path("help/", index.help_page, name="omeroweb_upload_help"),
    path("openapi.json", openapi, name="omeroweb_upload_openapi"),
    path("root-status/", places.root_status, name="omeroweb_upload_root_status"),
    path("projects/", places.projects, name="omeroweb_upload_projects"),
    path("projects/<int:project_id>/datasets/", places.datasets, name="omeroweb_upload_datasets"),
    path("screens/", places.screens, name="omeroweb_upload_screens"),
    path("containers/", places.create, name="omeroweb_upload_create"),
    path("shares/", shares.shares, name="omeroweb_upload_shares"),
    path("shares/<str:name>/", shares.browse, name="omeroweb_upload_share"),
    path("shares/<str:name>/import/", shares.begin, name="omeroweb_upload_share_import"),
    path("uploads/", uploads.mine, name="omeroweb_upload_mine"),
    path("start/", uploads.start, name="omeroweb_upload_start"),
    path("announce/<str:job_id>/", uploads.announce, name="omeroweb_upload_announce"),
    path("upload/<str:job_id>/", uploads.upload, name="omeroweb_upload_files"),
    path("files/<str:job_id>/", uploads.files, name="omeroweb_upload_list_files"),
    path("sets/<str:job_id>/", uploads.sets, name="omeroweb_upload_sets"),
    path("status/<str:job_id>/", uploads.show_status, name="omeroweb_upload_status"),
    path("import/<str:job_id>/", uploads.import_step, name="omeroweb_upload_import"),
    path("confirm/<str:job_id>/", uploads.confirm, name="omeroweb_upload_confirm"),
    path("prune/<str:job_id>/", uploads.prune, name="omeroweb_upload_prune"),
    path("cancel/<str:job_id>/", uploads.cancel, name="omeroweb_upload_cancel"),
    path("retry/<str:job_id>/", uploads.retry, name="omeroweb_upload_retry"),
    path("tus/", tus.uploads, name="omeroweb_upload_tus"),
    path("tus/<str:upload_id>", tus.upload, name="omeroweb_upload_tus_file"),
    path("user-settings/save/", user_settings.save, name="omeroweb_upload_user_settings_save"),
    path("user-settings/load/", user_settings.load, name="omeroweb_upload_user_settings_load"),
    *edx_routes,
]
