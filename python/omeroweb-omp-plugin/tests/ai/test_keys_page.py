"""The page of keys in a real browser: a key is tested, saved, deleted, and never comes back."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from omero_embedded.testing import PASSWORD

from .provider_doubles import KEY

pytestmark = pytest.mark.browser

KEYS = "/omeroweb_omp_plugin/ai/keys/"


@pytest.fixture
def page(alice_page):
    alice_page.goto(KEYS)
    expect(alice_page.get_by_role("heading", name="OpenAI")).to_be_visible()
    return alice_page


def card(page, title):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


def test_a_key_is_saved_tested_and_deleted(page, doubles):
    openai = card(page, "OpenAI")
    expect(openai).to_contain_text("No key.")
    doubles["openai"].always = doubles["openai"].models

    openai.get_by_role("textbox", name="Key for OpenAI").fill(KEY)
    openai.get_by_role("button", name="Save").click()
    expect(openai.get_by_role("status")).to_have_text("Your key for OpenAI works and is saved, encrypted.")
    expect(openai).to_contain_text("A key is stored.")
    expect(openai.get_by_role("textbox", name="Key for OpenAI")).to_have_value("")

    page.reload()
    assert KEY not in page.content()
    openai.get_by_role("button", name="Test").click()
    expect(openai.get_by_role("status")).to_have_text("OpenAI accepts the key; it may use 2 models.")

    openai.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete your key for OpenAI?")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(openai.get_by_role("status")).to_have_text("Your key for OpenAI is deleted.")
    expect(openai).to_contain_text("No key.")
    assert page.complaints == []


def test_a_refused_key_is_told_beside_it(page, doubles):
    doubles["anthropic"].always = doubles["anthropic"].bad_key
    anthropic = card(page, "Anthropic")

    anthropic.get_by_role("textbox", name="Key for Anthropic").fill(KEY)
    anthropic.get_by_role("button", name="Save").click()

    expect(anthropic.get_by_role("status")).to_have_text(
        "Anthropic doesn't accept this key. Check it under AI keys."
    )
    expect(anthropic).to_contain_text("No key.")


def test_only_what_the_facility_allows_is_offered(page):
    titles = page.get_by_role("list").get_by_role("heading").all_inner_texts()

    assert titles == [
        "OpenAI",
        "Anthropic",
        "Google",
        "Facility model",
        "Cloud model",
    ]
    expect(card(page, "Facility model")).to_contain_text("Works without a key.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", [KEYS, "/omeroweb_omp_plugin/settings/"])
def test_the_pages_with_keys_have_no_serious_axe_findings(page, path, scheme, width):
    page.goto(path)
    expect(page.get_by_role("heading", name="OpenAI")).to_be_visible()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})

    found = [
        entry["id"]
        for entry in Axe().run(page).response["violations"]
        if entry["impact"] in ("serious", "critical")
    ]

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_root_is_sent_away(ai_web, plugin_database):
    answer = ai_web.login("root", PASSWORD).get(KEYS)

    assert answer.status_code == 403
    assert "Log in as yourself" in answer.text
