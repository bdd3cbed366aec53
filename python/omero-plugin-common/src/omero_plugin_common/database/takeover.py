"""A migration that takes over a table an older system made, or makes it when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import migrations

from omero_plugin_common.secrets.field import EncryptedTextField, encrypt_plain_rows

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState
    from django.db.models import Model


class TakeOverModel(migrations.CreateModel):
    """Like CreateModel, but an existing table keeps its rows.

    Missing columns and the model's own constraints are added, older unique constraints (which knew only the
    login name) are dropped, and clear text in encrypted columns is encrypted.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if model._meta.db_table not in schema_editor.connection.introspection.table_names():
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        _take_over(model, schema_editor)

    def describe(self) -> str:
        return f"Take over or create model {self.name}"


def _take_over(model: type[Model], editor: BaseDatabaseSchemaEditor) -> None:
    table = model._meta.db_table
    connection = editor.connection
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
        constraints: dict[str, Any] = connection.introspection.get_constraints(cursor, table)
    quote = connection.ops.quote_name
    for name, facts in constraints.items():
        if facts["unique"] and not facts["primary_key"]:
            editor.execute(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}")
    for field in model._meta.local_fields:
        if field.column not in columns:
            editor.add_field(model, field)
    for constraint in model._meta.constraints:
        editor.add_constraint(model, constraint)
    for field in model._meta.local_fields:
        if isinstance(field, EncryptedTextField):
            encrypt_plain_rows(connection, table, str(field.column))
