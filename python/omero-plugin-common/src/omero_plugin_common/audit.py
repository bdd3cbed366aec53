"""The trail of actions that can't be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_plugin_common.models import AuditEntry

if TYPE_CHECKING:
    from omero_plugin_common.database.owned import Owner


def record(
    actor: Owner,
    action: str,
    outcome: str,
    *,
    target: dict[str, Any] | None = None,
    job_id: str = "",
    reference: str = "",
) -> None:
    """Write one entry; `target` names what was acted on (types, ids, counts), never secrets."""
    AuditEntry.objects.create(
        actor_id=actor.user_id,
        actor_name=actor.username,
        action=action,
        outcome=outcome,
        target=target or {},
        job_id=job_id,
        reference=reference,
    )
