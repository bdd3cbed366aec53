"""What a model may answer: the schema it is bound to, and the check that it kept to it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from omeroweb_omp_plugin.ai.errors import UnusableAnswerError
from omeroweb_omp_plugin.parsing.separators import MAX_SEPARATORS
from omeroweb_omp_plugin.parsing.variables import MAX_MAX_VARIABLES, MAX_NAME_CHARS

MOST_PATTERN_CHARS = 2000
MOST_EXPLANATION_CHARS = 500


class Answer(BaseModel):
    """A naming rule as a model gives it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    mode: Literal["separators", "regex"]
    separators: Annotated[str, Field(max_length=MAX_SEPARATORS)]
    pattern: Annotated[str, Field(max_length=MOST_PATTERN_CHARS)]
    variables: Annotated[
        list[Annotated[str, Field(max_length=MAX_NAME_CHARS)]], Field(max_length=MAX_MAX_VARIABLES)
    ]
    explanation: Annotated[str, Field(max_length=MOST_EXPLANATION_CHARS)]


# Written out because providers understand different parts of JSON Schema; these all of them do.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "mode": {"type": "string", "enum": ["separators", "regex"]},
        "separators": {"type": "string"},
        "pattern": {"type": "string"},
        "variables": {"type": "array", "items": {"type": "string"}},
        "explanation": {"type": "string"},
    },
    "required": ["mode", "separators", "pattern", "variables", "explanation"],
    "additionalProperties": False,
}


def read_answer(text: str) -> Answer:
    """The rule in a model's words; raises UnusableAnswerError when they are anything else.

    Models that can't be bound to a schema like to put a fence or a sentence around the object; that is cut off.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        data = json.loads(text[start : end + 1] if 0 <= start < end else text)
        return Answer.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])[:60]
        raise UnusableAnswerError(
            f"the answer has not the form asked for ({place or 'object'}: {first['msg'].lower()})"
        ) from None
    except (ValueError, RecursionError):
        raise UnusableAnswerError("the answer is not JSON") from None
