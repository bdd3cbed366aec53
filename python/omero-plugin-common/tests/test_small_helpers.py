"""Texts, requests, OMERO objects and the gateway's log level."""

from __future__ import annotations

import logging

import omero.model
import pytest
from django.test import RequestFactory
from omero.rtypes import rlong, rstring

from omero_plugin_common import logging_utils, omero_helpers
from omero_plugin_common.request_utils import current_username, load_request_data, parse_json_body
from omero_plugin_common.string_utils import message_payload, snake_to_camel


@pytest.mark.parametrize(
    ("snake", "camel"),
    [("job_not_found", "jobNotFound"), ("x", "x"), ("", ""), ("_a__b", "aB"), ("jobDone", "jobDone")],
)
def test_names_become_camel_case(snake, camel):
    assert snake_to_camel(snake) == camel


def test_messages_reach_the_browser_with_placeholders():
    def rows_left(count: str) -> str:
        return f"{count} rows left"

    def confirm_irreversible_action() -> str:
        return "Sure?"

    assert message_payload([rows_left, confirm_irreversible_action]) == {
        "rowsLeft": "{count} rows left",
        "confirmIrreversible": "Sure?",
    }


def test_json_bodies_win_over_forms():
    requests = RequestFactory()
    assert load_request_data(requests.post("/", '{"a": [1]}', content_type="application/json")) == {"a": [1]}
    assert load_request_data(requests.post("/", {"a": "1", "b": ["2", "3"]})) == {"a": "1", "b": ["2", "3"]}


def test_a_broken_body_is_reported_not_raised():
    data, error = parse_json_body(RequestFactory().post("/", b"\xff{", content_type="application/json"))
    assert data is None
    assert isinstance(error, ValueError)


def test_nobody_is_logged_in_without_connection_and_user():
    assert current_username(RequestFactory().get("/")) is None


def owned_image(owner_id, name="alice"):
    image = omero.model.ImageI(5, True)
    owner = omero.model.ExperimenterI(owner_id, True)
    owner.omeName = rstring(name)
    image.details.owner = owner
    return image


def test_owners_are_compared_by_id():
    image = owned_image(2)
    assert omero_helpers.is_owned_by(image, 2)
    assert not omero_helpers.is_owned_by(image, 3)
    assert omero_helpers.is_owned_by(image, None)
    assert not omero_helpers.is_owned_by(omero.model.ImageI(6, True), 2)


def test_names_and_ids_come_out_of_raw_objects():
    image = owned_image(2)
    assert omero_helpers.id_of(image) == 5
    assert omero_helpers.owner_username_of(image) == "alice"
    assert omero_helpers.owner_username_of(owned_image(7, "")) == "7"
    assert omero_helpers.text_of(rstring("x")) == "x"
    assert omero_helpers.text_of(None) == ""
    assert omero_helpers.unwrap(rlong(3)) == 3


def test_the_gateways_logger_is_quieted_once_and_later_changes_stay(monkeypatch):
    monkeypatch.setattr(logging_utils, "_quieted", [])
    logger = logging.getLogger(logging_utils.GATEWAY_LOGGER)
    logger.setLevel(logging.DEBUG)
    logging_utils.quiet_gateway_logger()
    assert logger.level == logging.INFO
    logger.setLevel(logging.WARNING)
    logging_utils.quiet_gateway_logger()
    assert logger.level == logging.WARNING
