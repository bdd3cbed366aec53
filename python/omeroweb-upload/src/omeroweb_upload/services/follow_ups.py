"""What happens after an import that was started with a special method.

A special method is a kind of job that takes `{"session_id": …}` (FollowUpParameters) and is submitted in the name of the
upload's owner as soon as its images are in OMERO. What it needs is in the rows: `UploadSession.special_settings` and
`associations` (image path to spectrum paths), `UploadSet.image_ids` of the set that holds an image's path, and the staged
files, which stay until the upload is pruned. It leaves what people should see in `UploadSession.follow_up`.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs import service
from omero_plugin_common.jobs.kinds import known_kinds
from omeroweb_upload.models import ENDED, SetState, UploadSession

METHODS: Final = {"sem_edx_spectra": "upload.edx"}


class FollowUpParameters(BaseModel):
    """Which upload a follow-up belongs to."""

    session_id: str


def follow_up_due(session: UploadSession) -> bool:
    """Whether an upload has images, all that will come in this round, and asks for a follow-up not submitted yet."""
    if session.follow_up_job or METHODS.get(session.special_upload, "") not in known_kinds():
        return False
    if session.sets.filter(state=SetState.IMPORTING).exists():
        return False
    return any(session.sets.values_list("image_ids", flat=True))


def start_follow_up(session: UploadSession) -> str:
    """Submit the job that the upload's special method asks for, once a round, and write its id to the upload.

    Returns the id, or "" when there is none.
    """
    kind = METHODS.get(session.special_upload, "")
    if not kind or kind not in known_kinds():
        return ""
    job = service.submit(
        kind,
        Owner(session.owner_id, session.username),
        FollowUpParameters(session_id=session.id).model_dump(),
        group_id=session.group_id,
        idempotency_key=session.round_key,
    )
    # An upload that was started again meanwhile gets the job of its next round.
    UploadSession.objects.filter(pk=session.pk, status__in=ENDED).update(follow_up_job=job.id)
    return str(job.id)
