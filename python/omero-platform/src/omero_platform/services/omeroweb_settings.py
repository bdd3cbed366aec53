"""What OMERO.web is told: the apps with their links, viewers and panels, sessions, cache and look."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omero_platform.instance import HOST

TEMPLATES = Path(__file__).parents[1] / "web" / "templates"
NEW_TAB = {"target": "_blank"}
COMMON_APP = "omero_plugin_common"


@dataclass(frozen=True)
class App:
    """A Django app of OMERO.web, and where its users find it."""

    name: str
    top_link: list[Any] | None = None
    open_with: tuple[list[Any], ...] = ()
    center_plugin: list[str] | None = None
    right_plugin: list[str] | None = None


def viewer(name: str, view: str, label: str, objects: list[str], **options: object) -> list[Any]:
    """An entry of the tree's "Open with …" menu."""
    return [name, view, {"supported_objects": objects, "label": label, **options}]


# In the order of the top links: Data, Figure, Mapr, Gallery, Tag Search, History, Help, then the platform's own.
THIRD_PARTY_APPS = (
    App(
        "omero_figure",
        top_link=["Figure", "figure_index", {"title": "Open Figure in a new tab", **NEW_TAB}],
        open_with=(viewer("omero_figure", "new_figure", "OMERO.figure", ["images"], **NEW_TAB),),
    ),
    App(
        "omero_mapr",
        top_link=[
            "Mapr",
            {"viewname": "maprindex_gene", "query_string": {"experimenter": -1}},
            {"title": "Browse by gene"},
        ],
    ),
    App("omero_gallery", top_link=["Gallery", "webgallery_index", {"title": "Image gallery"}]),
    App("omero_tagsearch", top_link=["Tag Search", "tagsearch", {"title": "Find images by their tags"}]),
    App(
        "omero_iviewer",
        open_with=(
            viewer(
                "omero_iviewer",
                "omero_iviewer_index",
                "OMERO.iviewer",
                ["images", "dataset", "well"],
                script_url="omero_iviewer/openwith.js",
            ),
        ),
    ),
    App(
        "omero_fpbioimage",
        open_with=(
            viewer(
                "omero_fpbioimage",
                "fpbioimage_index",
                "FPBioimage",
                ["image"],
                script_url="fpbioimage/openwith.js",
            ),
        ),
    ),
    App("omero_parade", center_plugin=["Parade", "omero_parade/init.js.html", "omero_parade"]),
    App(
        "omero_web_zarr",
        open_with=(
            viewer(
                "web_zarr_vizarr",
                "omero_web_zarr_index",
                "Vizarr",
                ["image"],
                script_url="omero_web_zarr/openwith.js",
            ),
        ),
    ),
    App("omero_autotag", center_plugin=["Auto Tag", "omero_autotag/auto_tag_init.js.html", "auto_tag_panel"]),
)

OWN_APPS = (
    App(COMMON_APP),
    App(
        "omeroweb_omp_plugin",
        top_link=["OMP plugin", "omeroweb_omp_plugin_index", {"title": "File names to metadata"}],
        right_plugin=["File names", "omeroweb_omp_plugin/right_panel.js.html", "omp_tab"],
        center_plugin=["File names", "omeroweb_omp_plugin/center_panel.js.html", "omp_center"],
    ),
    App(
        "omeroweb_upload", top_link=["Upload", "omeroweb_upload_index", {"title": "Upload and import files"}]
    ),
    App(
        "omeroweb_admin_tools",
        top_link=["Admin tools", "omeroweb_admin_tools_index", {"title": "Logs, resources, storage"}],
    ),
    App(
        "omeroweb_imaris_connector",
        top_link=["Imaris", "omeroweb_imaris_connector_index", {"title": "Exports to Imaris"}],
        open_with=(viewer("Imaris", "omeroweb_imaris_connector_index", "Imaris", ["images", "dataset"]),),
        right_plugin=["Imaris", "omeroweb_imaris_connector/right_panel.js.html", "imaris_tab"],
    ),
)

# OMERO.web's own tabs on the right, which a list of ours replaces.
RIGHT_TABS = (
    ["Acquisition", "webclient/data/includes/right_plugin.acquisition.js.html", "metadata_tab"],
    ["Preview", "webclient/data/includes/right_plugin.preview.js.html", "preview_tab"],
)

MAPR_MENUS = (
    {
        "menu": "gene",
        "config": {
            "default": ["Gene Symbol"],
            "all": ["Gene Symbol", "Gene Identifier"],
            "ns": ["openmicroscopy.org/mapr/gene"],
            "label": "Gene",
        },
    },
    {
        "menu": "anyvalue",
        "config": {
            "default": ["Any Value"],
            "all": [],
            "ns": ["openmicroscopy.org/omero/client/mapAnnotation"],
            "label": "Any",
        },
    },
)

MIDDLEWARE = (
    "django.middleware.common.BrokenLinkEmailsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
STATIC_FILES = "whitenoise.middleware.WhiteNoiseMiddleware"


def is_installed(app: App) -> bool:
    """Whether the app is there; the platform's own come and go with the checkout."""
    return (
        importlib.util.find_spec(app.name) is not None
        and importlib.util.find_spec(f"{app.name}.apps") is not None
    )


def installed_apps() -> list[App]:
    """The apps that OMERO.web gets, in the order of their links."""
    return [*THIRD_PARTY_APPS, *(app for app in OWN_APPS if is_installed(app))]


def web_settings(server_port: int, cache_url: str, time_zone: str, apps: list[App]) -> dict[str, Any]:
    """All settings of OMERO.web that differ from its defaults, as values that go into JSON."""
    links = {app.name: app.top_link for app in apps if app.top_link}
    own_links = [links[app.name] for app in OWN_APPS if app.name in links]
    return {
        "omero.web.apps": [app.name for app in apps],
        "omero.web.server_list": [[HOST, server_port, "omero"]],
        "omero.web.secure": "true",
        "omero.web.debug": "false",
        "omero.web.check_version": "false",  # server and web come from one lock
        # No calls to the outside: neither for newer versions nor for the downloads that the login page would list.
        "omero.web.upgrades.url": "",
        "omero.web.login.show_client_downloads": "false",
        "omero.web.application_server": "wsgi-tcp",
        "omero.web.time_zone": time_zone,
        "omero.web.session_engine": "django.contrib.sessions.backends.cache",
        "omero.web.session_cookie_name": "omeroweb_sessionid",
        "omero.web.caches": {
            "default": {
                "BACKEND": "django_redis.cache.RedisCache",
                "LOCATION": cache_url,
                "KEY_PREFIX": "omero",
                "TIMEOUT": 300,
            }
        },
        "omero.web.middleware": [
            {"index": 0.5, "class": STATIC_FILES},
            *({"index": index, "class": name} for index, name in enumerate(MIDDLEWARE, start=1)),
            {"index": 20, "class": "omero_platform.web.middleware.PlatformMiddleware"},
        ],
        "omero.web.template_dirs": [str(TEMPLATES)],
        "omero.web.ui.top_links": [
            ["Data", "webindex", {"title": "Browse data by project, tag and more"}],
            *(link for app in THIRD_PARTY_APPS if (link := links.get(app.name))),
            ["History", "history", {"title": "What was done when"}],
            ["Help", "https://help.openmicroscopy.org/", {"title": "OMERO user guide", **NEW_TAB}],
            *own_links,
        ],
        "omero.web.ui.center_plugins": [app.center_plugin for app in apps if app.center_plugin],
        "omero.web.ui.right_plugins": [
            *RIGHT_TABS,
            *(app.right_plugin for app in apps if app.right_plugin),
        ],
        "omero.web.open_with": [
            viewer(
                "Image viewer",
                "webgateway",
                "Image viewer",
                ["image"],
                script_url="webclient/javascript/ome.openwith_viewer.js",
            ),
            *(entry for app in apps for entry in app.open_with),
        ],
        "omero.web.mapr.config": list(MAPR_MENUS),
    }
