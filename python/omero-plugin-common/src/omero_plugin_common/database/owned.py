"""Rows that belong to an OMERO user: found by user id, with the login name kept for rows of older systems."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import Q

from omero_plugin_common.database.alias import ALIAS


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a row or a job belongs to: the OMERO user id decides, the login name is for people."""

    user_id: int
    username: str


class OwnedQuerySet(models.QuerySet[Any]):
    """Queries that start from an owner."""

    def of(self, owner: Owner) -> Self:
        """Return the owner's rows, first adopting rows that only carry the login name.

        A row adopted once belongs to that user id for good, so a login name used again by somebody else
        finds nothing.
        """
        with transaction.atomic(using=ALIAS):
            self.filter(owner_id__isnull=True, username=owner.username).update(owner_id=owner.user_id)
        return self.filter(owner_id=owner.user_id)


class OwnedRow(models.Model):
    """Base of the per-user tables; add `constraints = unique_per_owner("table", "column", …)` to Meta."""

    id = models.AutoField(primary_key=True)
    username = models.TextField(db_index=True)
    owner_id = models.BigIntegerField(null=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True


def unique_per_owner(table: str, *columns: str) -> list[models.BaseConstraint]:
    """Return the constraints of an owned table: unique per user id, and per login name before adoption."""
    return [
        models.UniqueConstraint(
            fields=["owner_id", *columns],
            name=f"{table}_owner_uq",
            condition=Q(owner_id__isnull=False),
        ),
        models.UniqueConstraint(
            fields=["username", *columns],
            name=f"{table}_name_uq",
            condition=Q(owner_id__isnull=True),
        ),
    ]
