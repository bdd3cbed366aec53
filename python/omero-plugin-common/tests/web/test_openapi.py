"""The parts of OpenAPI descriptions that plugins share."""

from __future__ import annotations

from openapi_spec_validator import validate
from pydantic import BaseModel

from omero_plugin_common.web.answers import json_error
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.openapi import add_body_schema, error_schema


class Pair(BaseModel):
    """A key and its value."""

    key: str
    value: str


class Pairs(BaseModel):
    """Some pairs."""

    pairs: list[Pair]


def test_a_body_comes_with_the_schemas_it_needs_and_makes_a_valid_document() -> None:
    schemas = {"Error": error_schema()}
    reference = add_body_schema(Pairs, schemas)
    assert reference == {"$ref": "#/components/schemas/Pairs"}
    assert set(schemas) == {"Error", "Pair", "Pairs"}
    assert schemas["Pairs"]["properties"]["pairs"]["items"] == {"$ref": "#/components/schemas/Pair"}
    content = {"application/json": {"schema": reference}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "Done."}}}
    validate(
        {
            "openapi": "3.1.0",
            "info": {"title": "Pairs", "version": "1"},
            "paths": {"/pairs/": {"post": operation}},
            "components": {"schemas": schemas},
        }
    )


def test_the_schema_of_errors_knows_every_key_of_an_answer(rf) -> None:
    import json

    told = UserError("Wait.", status=429, retry_after_seconds=5)
    answer = json.loads(json_error(told, rf.get("/")).content)
    assert set(answer) <= set(error_schema()["properties"])
    assert set(error_schema()["required"]) <= set(answer)
