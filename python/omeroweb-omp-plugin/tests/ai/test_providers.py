"""Every provider is asked in its own way, and each of its answers becomes a rule or a clear message."""

from __future__ import annotations

import json
import logging
import time

import pytest

from omeroweb_omp_plugin.ai.answer import SCHEMA
from omeroweb_omp_plugin.ai.errors import AiError, UnusableAnswerError
from omeroweb_omp_plugin.ai.providers.registry import ADAPTERS, default_model
from omeroweb_omp_plugin.ai.question import make_question

from .http_double import Told, break_off, endless, hang, trickle, trickled_body
from .provider_doubles import KEY, rule

NAMES = [
    f"{cell}_{drug}_{number:02}.tif"
    for cell in ("HeLa", "U2OS")
    for drug in ("DMSO", "Taxol")
    for number in (1, 2)
]


def question(double, names=NAMES, hide=False):
    return make_question(double.provider, double.model, names, ["Position"], hide=hide, seed=b"seed")


def failure(double, **policy):
    """The error that asking ends in."""
    with pytest.raises(AiError) as caught:
        question(double).ask(double.line(**policy))
    assert KEY not in caught.value.message
    return caught.value


def test_each_provider_is_asked_once_in_its_own_shape(double):
    answer = question(double).ask(double.line())

    assert answer.separators == "_"
    assert answer.variables == ["Cell line", "Treatment", "Replicate"]
    assert len(double.requests) == 1
    assert double.requests[0].json == question(double).body


def test_names_travel_as_json_and_nowhere_else(double):
    question(double).ask(double.line())

    system, data = double.question()
    assert data == {
        "known_variables": ["Position"],
        "file_names": [name.removesuffix(".tif") for name in NAMES],
    }
    assert "HeLa" not in system


def test_models_that_can_talk_are_listed_with_a_default(double):
    double.answers = [double.models]

    models = double.line().models()

    assert tuple(model.id for model in models) == double.model_ids
    assert default_model(ADAPTERS[double.kind], models) == double.model


def test_a_wrong_key_is_the_users_to_correct(double):
    double.answers = [double.bad_key]

    error = failure(double)

    assert error.status == 400
    assert error.message == f"{double.title} doesn't accept this key. Check it under AI keys."
    assert len(double.requests) == 1


def test_used_up_credit_is_not_tried_again(double):
    double.answers = [double.no_credit]

    error = failure(double)

    assert error.status == 402
    assert "no credit left" in error.message
    assert len(double.requests) == 1


def test_an_unknown_model_is_named_as_the_reason(double):
    double.answers = [double.unknown_model]

    error = failure(double)

    assert error.status == 400
    assert "doesn't know this model" in error.message


def test_a_short_rate_limit_is_waited_for(double):
    double.answers = [double.rate_limited(1)]
    began = time.monotonic()

    answer = question(double).ask(double.line())

    assert answer.mode == "separators"
    assert time.monotonic() - began >= 1
    assert len(double.requests) == 2


def test_a_long_rate_limit_is_told_at_once(double):
    double.answers = [double.rate_limited(60)]

    error = failure(double)

    assert error.status == 429
    assert error.retry_after_seconds == 60
    assert "try again in 60 s" in error.message
    assert len(double.requests) == 1


def test_an_overloaded_provider_is_tried_again_and_then_told(double):
    double.always = double.overloaded

    error = failure(double)

    assert error.status == 502
    assert "overloaded" in error.message
    assert len(double.requests) == 3


def test_an_overload_that_passes_is_not_noticed(double):
    double.answers = [double.overloaded]

    assert question(double).ask(double.line()).mode == "separators"


def test_an_empty_answer_is_said_to_be_empty(double):
    for empty in double.empty:
        double.answers = [empty]
        error = failure(double)
        assert error.status == 502
        assert "answered with nothing" in error.message


def test_an_answer_cut_off_by_its_length_is_not_used(double):
    double.answers = [double.cut_off]

    assert "cut off" in failure(double).message


def test_a_refusal_is_told(double):
    double.answers = [double.refusal]

    assert "refused to answer" in failure(double).message


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b'{"choices": [', b"[1, 2]", b"[" * 100_000]
)
def test_an_answer_that_is_not_json_is_a_fault(double, body):
    double.answers = [Told(200, body)]

    error = failure(double)

    assert error.status == 502
    assert "not JSON" in error.message


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": 1},
        {"choices": [{"message": 5}]},
        {"candidates": [{"content": []}]},
        {"content": {"a": 1}},
    ],
)
def test_an_answer_of_another_shape_counts_as_empty(double, body):
    double.answers = [Told(200, body)]

    assert failure(double).status == 502


def test_words_that_are_no_rule_are_unusable(double):
    for words in (
        "I can't do that",
        "{}",
        rule(mode="magic"),
        rule(extra=1),
        rule(variables="no list"),
        '{"mode": ',
    ):
        double.answers = [double.answer(words)]
        with pytest.raises(UnusableAnswerError):
            question(double).ask(double.line())


def test_a_rule_inside_a_fence_is_found(double):
    double.answers = [double.answer(f"Here you are:\n```json\n{rule()}\n```")]

    assert question(double).ask(double.line()).separators == "_"


def test_a_model_without_schemas_is_asked_again_without_one(double):
    double.answers = [double.schema_refused]

    assert question(double).ask(double.line()).mode == "separators"
    assert not double.unbound_question(double.requests[0].json)
    assert double.unbound_question(double.requests[1].json)


def test_a_server_that_hangs_for_a_minute_is_given_up_in_time(double):
    double.always = hang
    began = time.monotonic()

    error = failure(double, timeout_seconds=1.0)

    assert error.status == 504
    assert error.message.startswith(f"{double.title} did not answer within 1 s.")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("slowly", [trickle, trickled_body])
def test_a_server_that_trickles_bytes_is_given_up_in_time(openai, slowly):
    openai.always = slowly
    began = time.monotonic()

    assert failure(openai, timeout_seconds=1.0).status == 504
    assert time.monotonic() - began < 10


def test_a_truncated_answer_is_tried_again_and_then_told(openai):
    openai.always = break_off

    error = failure(openai)

    assert error.status == 502
    assert "broke off" in error.message
    assert len(openai.requests) == 3


def test_an_answer_without_end_is_not_read_to_its_end(openai):
    openai.always = endless

    error = failure(openai)

    assert error.status == 502
    assert "more than 2 MiB" in error.message


def test_a_packed_answer_is_not_unpacked(openai):
    openai.always = Told(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})

    assert "packed" in failure(openai).message
    assert openai.requests[0].headers["accept-encoding"] == "identity"


def test_a_redirect_is_not_followed(openai):
    with type(openai)() as elsewhere:
        openai.always = Told(307, {}, {"Location": elsewhere.address + "/chat/completions"})

        error = failure(openai)

        assert error.status == 502
        assert "redirect" in error.message
        assert elsewhere.requests == []


def test_a_server_that_is_away_is_told_as_such(openai):
    line = openai.line()
    openai.stop()

    with pytest.raises(AiError, match="can't be reached") as caught:
        question(openai).ask(line)
    assert caught.value.status == 502


def test_a_providers_own_words_are_shown_short_and_without_the_key(openai):
    text = f"bad\x1b[31m value \u202e for {KEY} and sk-proj-abcdefgh " + "x" * 5000
    openai.always = openai.error(400, "invalid_value", "invalid_request_error", text)

    message = failure(openai).message

    assert "bad [31m value for … and …" in message
    assert len(message) < 300


def test_keys_are_never_logged(openai, caplog):
    caplog.set_level(logging.DEBUG)
    openai.answers = [openai.overloaded, openai.bad_key]

    failure(openai)

    assert KEY not in caplog.text


@pytest.mark.parametrize("model", ["", "../../x", "a b", "a\r\nX: y", "a?key=1", "x" * 300])
def test_a_model_name_can_not_reach_another_path(openai, model):
    with pytest.raises(AiError, match="is not the name of a model"):
        make_question(openai.provider, model, NAMES, [], hide=False, seed=b"")


def test_waiting_for_answers_leaves_threads_for_others(openai):
    line = openai.line()
    taken = [line.waiting.acquire(blocking=False) for _ in range(3)]
    try:
        with pytest.raises(AiError, match="Several people wait") as caught:
            question(openai).ask(line)
    finally:
        for _ in filter(None, taken):
            line.waiting.release()
    assert caught.value.status == 503
    assert question(openai).ask(line).mode == "separators"


def test_the_schema_asks_for_exactly_what_is_read():
    from omeroweb_omp_plugin.ai.answer import Answer

    assert set(SCHEMA["properties"]) == set(SCHEMA["required"]) == set(Answer.model_fields)
    assert json.loads(rule()).keys() == SCHEMA["properties"].keys()
