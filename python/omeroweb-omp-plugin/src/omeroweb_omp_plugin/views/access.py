"""The plugin's JSON views: as `omero_plugin_common.web.views.api`, but not for root, whose data nobody annotates."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import View, api

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

ROOT = "root"
NOT_FOR_ROOT = "Log in as yourself: root can't use this plugin."


def user_api(*methods: str, **options: Any) -> Callable[[View], View]:
    """Make a function a JSON view for everybody but root; the options are those of `api`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, caller: Caller, **url: Any) -> Any:
            refuse_root(caller)
            return view(request, caller, **url)

        return api(*methods, **options)(checked)

    return decorate


def refuse_root(caller: Caller) -> None:
    """Raise UserError 403 for root."""
    if caller.owner.username == ROOT:
        raise UserError(NOT_FOR_ROOT, status=403)
