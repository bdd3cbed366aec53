"""From an Ice request to a Python method and back, with typed exceptions whatever happens."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import Glacier2
import Ice
import omero
import omero.all
from sqlalchemy.exc import SQLAlchemyError

from omero_embedded.errors import api_usage, internal, not_supported, security
from omero_embedded.model.schema import UnknownClassError
from omero_embedded.security.context import ALL_GROUPS, Call
from omero_embedded.security.permissions import may_enter
from omero_embedded.shares.entry import CONTEXT_KEY, in_its_share
from omero_embedded.wire.operations import Operation, interface_class, operations
from omero_embedded.wire.sessions import Session, caller_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omero_embedded.security.context import Caller
    from omero_embedded.server import Server

log = logging.getLogger(__name__)


def connection_key(current: Any) -> str | None:
    """What tells one live connection from another: both its addresses."""
    return current.con.toString() if current.con is not None else None


def is_lost(current: Any) -> bool:
    """Whether the connection that a call came on is closed by now."""
    try:
        current.con.getInfo()
    except Ice.Exception:
        return True
    return False


def make_call(
    server: Server, session: Session, context: Mapping[str, str], connection: object = None
) -> Call:
    """The context of one operation, from the session and the Ice context that came with the request."""
    caller = _acting(caller_of(session, server.directory), context.get("omero.user", ""))
    group = _group(context.get("omero.group", ""), caller.group_id)
    if context.get(CONTEXT_KEY) or session.share is not None:
        group = caller.group_id  # what is in a share is seen whatever group it is in
    known = group == ALL_GROUPS or group in server.directory.groups
    if not known:
        raise api_usage(f"omero.group={group}: no such group")
    if group not in (ALL_GROUPS, caller.directory.user_group) and not may_enter(caller, group):
        raise security(f"{caller.user_name} is not a member of group {group} (omero.group)")
    if caller.confined_to is not None and group not in caller.confined_to:
        raise security("a session that a group's owner has opened for a member stays in groups of that owner")
    return Call(caller, context, group, server, session, connection)


def _acting(caller: Caller, named: str) -> Caller:
    """The caller; an administrator may call as somebody else (omero.user) and keeps the rights of an administrator.

    What is no number is ignored, as OMERO.server does.
    """
    if not named.lstrip("-").isdigit() or int(named) == caller.user_id:
        return caller
    if not caller.is_admin:
        raise security(f"User {caller.user_id} is not an admin and so cannot set uid to {named}")
    user = caller.directory.users.get(int(named))
    if user is None:
        raise api_usage(f"omero.user={named}: no such user")
    return replace(caller, user_id=user.id, user_name=user.name)


def _group(text: str, default: int) -> int:
    """The group of a call, which clients name by its id.

    Anything else is ignored, as OMERO.server does: `omero login -g lab` leaves the name, which counted at log-in, in the
    context of all later calls, and the session may have moved on to another group since.
    """
    if text.lstrip("-").isdigit():
        return int(text)
    if text:
        log.debug("ignored omero.group=%r: not the id of a group", text)
    return default


def servant(server: Server, interface: str) -> Any:
    """A default servant for all objects of one interface; the identity's name tells session and object."""
    base = interface_class(interface)
    members: dict[str, Callable[..., Any]] = {}
    for operation in operations(interface):
        if operation.amd:
            members[f"{operation.name}_async"] = _asynchronous(server, interface, operation)
        else:
            members[operation.name] = _synchronous(server, interface, operation)
    ids = base.ice_ids(None)

    def ice_isA(_self: Any, wanted: str, current: Any = None) -> bool:  # noqa: N802 - Ice's name
        _check_served(server, current)
        return wanted in ids

    def ice_ping(_self: Any, current: Any = None) -> None:
        _check_served(server, current)

    members |= {"ice_isA": ice_isA, "ice_ping": ice_ping}
    return type(f"{base.__name__}Servant", (base,), members)()


def _check_served(server: Server, current: Any) -> None:
    """Raise Ice.ObjectNotExistException for an object of a session that was closed, as its own operations do."""
    if current is None:
        return
    key, _, member = current.id.name.partition("/")
    if member and not server.sessions.serves(key, member):
        raise Ice.ObjectNotExistException()


def _synchronous(server: Server, interface: str, operation: Operation) -> Callable[..., Any]:
    def method(_self: Any, *arguments: Any) -> Any:
        return run(server, interface, operation.name, arguments[:-1], arguments[-1])

    return method


def _asynchronous(server: Server, interface: str, operation: Operation) -> Callable[..., None]:
    returns = operation.returns is not None

    def method(_self: Any, callback: Any, *arguments: Any) -> None:
        try:
            result = run(server, interface, operation.name, arguments[:-1], arguments[-1])
        except (omero.ServerError, Ice.Exception) as error:
            callback.ice_exception(error)
            return
        if returns:
            callback.ice_response(result)
        else:
            callback.ice_response()

    return method


def run(server: Server, interface: str, name: str, arguments: tuple[Any, ...], current: Any) -> Any:
    """Run one operation; raises only typed exceptions."""
    try:
        return _run(server, interface, name, arguments, current)
    except (Glacier2.PermissionDeniedException, Glacier2.CannotCreateSessionException) as error:
        raise security(error.reason) from None
    except (omero.ServerError, Ice.Exception):
        raise
    except UnknownClassError as error:
        raise api_usage(str(error)) from None
    except omero.UnloadedEntityException as error:
        name_of = str(error).partition("::omero::model::")[2].partition(")")[0]
        raise api_usage(
            f"{interface}.{name} needs a loaded {name_of or 'object'}, and got its id only"
        ) from None
    except Exception as error:
        reference = uuid.uuid4().hex[:8]
        log.exception("%s.%s failed reference=%s", interface, name, reference)
        if isinstance(error, AttributeError) and error.obj is None:
            where = f"{interface}.{name} needs {error.name!r} of an argument"
            raise api_usage(f"{where}, and that argument is null (reference {reference})") from None
        kind = (
            "the store refused" if isinstance(error, SQLAlchemyError) else f"{type(error).__name__}: {error}"
        )
        raise internal(
            f"{interface}.{name} failed: {kind} (reference {reference} in the server's log)"
        ) from None


def _run(server: Server, interface: str, name: str, arguments: tuple[Any, ...], current: Any) -> Any:
    key, _, member = current.id.name.partition("/")
    session = _session(server, interface, key)
    held = session.servants.get(member) if member else None
    if member:
        if held is None:
            raise Ice.ObjectNotExistException()
        implementation = held.implementation
    else:
        implementation = server.service(interface)
    call = make_call(server, session, current.ctx, current)
    call = in_its_share(call, held.interface if held else interface, name, held)
    method = getattr(implementation, name, None)
    short = interface.rpartition(".")[2]
    if method is None and member:
        method = _COMMON.get(name)
    if method is None:
        raise not_supported(f"{short}.{name}")
    try:
        return method(call, *arguments)
    finally:
        if name == "close" and member:
            session.servants.pop(member, None)


def _session(server: Server, interface: str, key: str) -> Session:
    """The open session of a key; its services end with it, and only its factory says that it is gone."""
    try:
        return server.sessions.get(key)
    except omero.RemovedSessionException:
        if interface == "omero.api.ServiceFactory":
            raise
        raise Ice.ObjectNotExistException() from None


def _nothing(_call: Call) -> None:
    return None


def _event_context(call: Call) -> Any:
    return call.server.service("omero.api.IAdmin").getEventContext(call)


# What every stateful service has; there is nothing to wake up or put to sleep here.
_COMMON: Mapping[str, Callable[[Call], Any]] = {
    "close": _nothing,
    "activate": _nothing,
    "passivate": _nothing,
    "getCurrentEventContext": _event_context,
}
COMMON_OPERATIONS = frozenset(_COMMON)
