"""What a wrong request is told: enough to correct it, and never a secret."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from omero_plugin_common.web.answers import validation_text


class Wanted(BaseModel):
    name: str
    api_key: str = ""
    size: int = 1


def told(data):
    with pytest.raises(ValidationError) as caught:
        Wanted.model_validate(data)
    return validation_text(caught.value)


def test_a_wrong_value_is_shown():
    assert "size: " in told({"name": "a", "size": "many"})
    assert "(got 'many')" in told({"name": "a", "size": "many"})


@pytest.mark.parametrize(
    "data",
    [
        {"api_key": "sk-secret"},
        {"name": "a", "api_key": ["sk-secret"]},
        {"name": "a", "api_key": 5},
        ["sk-secret"],
    ],
)
def test_a_secret_is_never_shown(data):
    text = told(data)

    assert "sk-secret" not in text
    assert "(got" not in text
