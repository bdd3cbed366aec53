"""Named lists of variables, with their types, kept in every version."""

# mypy: disable-error-code="var-annotated"
# (the types of columns come from Django's mypy plugin, which would need a configured OMERO.web)

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from omero_plugin_common.database.owned import OwnedRow, unique_per_owner


class VariableSet(OwnedRow):
    """The newest version of a set.

    details: {"types": {name: {"type", "words"}}, "rule": {…}}. group_id: the OMERO group whose members may load it.
    """

    set_name = models.TextField()
    var_names = models.JSONField()
    details = models.JSONField(default=dict)
    group_id = models.BigIntegerField(null=True, db_index=True)
    version = models.IntegerField(default=1)

    class Meta(OwnedRow.Meta):
        abstract = False
        db_table = "omp_variable_sets"
        constraints: ClassVar[list[models.BaseConstraint]] = unique_per_owner("omp_variable_sets", "set_name")

    def __str__(self) -> str:
        return f"{self.set_name} of {self.username}, version {self.version}"


class VariableSetVersion(models.Model):
    """A former version of a set."""

    variable_set = models.ForeignKey(VariableSet, on_delete=models.CASCADE, related_name="versions")
    version = models.IntegerField()
    var_names = models.JSONField()
    details = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[VariableSetVersion]] = models.Manager()

    class Meta:
        db_table = "omp_variable_set_versions"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["variable_set", "version"], name="omp_variable_set_versions_uq")
        ]

    def __str__(self) -> str:
        return f"version {self.version} of {self.variable_set}"
