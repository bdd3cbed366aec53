"""What the OpenAPI descriptions of all plugins have in common: the schemas of what is sent and of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import BaseModel

SCHEMA_REFERENCE: Final = "#/components/schemas/{model}"


def add_body_schema(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, str]:
    """Add a model's schema and those it needs to a document's schemas; returns a reference to it."""
    schema = model.model_json_schema(ref_template=SCHEMA_REFERENCE)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
    return {"$ref": SCHEMA_REFERENCE.format(model=model.__name__)}


def error_schema() -> dict[str, Any]:
    """Return the schema of the errors that `api` views answer."""
    return {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {"type": "string"},
            "reference": {"type": "string"},
            "retry_after": {"type": "integer"},
        },
    }
