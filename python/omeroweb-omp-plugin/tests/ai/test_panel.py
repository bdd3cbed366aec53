"""The AI panel in a real browser: what is sent is read first, and what comes back is only taken over by hand."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from omero_embedded.testing import PASSWORD

from ..helpers import dataset_with_images
from .provider_doubles import KEY, rule

pytestmark = pytest.mark.browser

NAMES = [f"{cell}_{drug}.tif" for cell in ("HeLa", "U2OS") for drug in ("DMSO_01", "DMSO_02", "Taxol_01")]


@pytest.fixture(scope="module")
def dataset(people):
    with people.gateway("alice") as conn:
        return dataset_with_images(conn, NAMES, "HeLa screen")[0]


@pytest.fixture
def with_key(ai_web, plugin_database, doubles):
    """Alice has a key for OpenAI."""
    openai = doubles["openai"]
    openai.answers = [openai.models]
    body = {"provider": "openai", "api_key": KEY}
    saved = ai_web.login("alice", PASSWORD).post("/omeroweb_omp_plugin/ai-credentials/save/", json=body)
    assert saved.status_code == 200, saved.text
    openai.forget()
    openai.answers = [openai.models]


@pytest.fixture
def page(alice_page, dataset):
    alice_page.goto(f"/omeroweb_omp_plugin/?dataset={dataset}")
    alice_page.get_by_text("Ask an AI provider").click()
    return alice_page


def show(page, provider=None):
    if provider:
        page.get_by_label("Provider").select_option(label=provider)
    expect(page.get_by_label("Model", exact=True)).not_to_have_value("")
    page.get_by_role("button", name="Show what will be sent…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def questions(double):
    return [seen for seen in double.requests if seen.method == "POST"]


def test_a_rule_is_read_asked_for_and_taken_over(with_key, page, doubles):
    openai = doubles["openai"]
    openai.always = openai.answer(rule(explanation="Divided by <b>underscores</b>."))
    expect(page.get_by_label("Model", exact=True)).to_have_value("gpt-5-mini")

    dialog = show(page)
    expect(dialog).to_contain_text("Send this to OpenAI?")
    expect(dialog).to_contain_text("6 of 6 names are in it.")
    expect(dialog).to_contain_text("HeLa_DMSO_01")
    assert questions(openai) == []

    dialog.get_by_role("button", name="Send to OpenAI").click()
    suggestion = page.locator(".omp-ai-suggestion")
    expect(suggestion).to_contain_text("Suggestion of OpenAI")
    expect(suggestion).to_contain_text("Divided by <b>underscores</b>. 6 of 6 names fit.")
    expect(suggestion.get_by_role("row").nth(1)).to_contain_text("HeLa_DMSO_01.tif")
    expect(page.get_by_label("Characters between values")).to_have_value("_-.")

    suggestion.get_by_role("button", name="Use this").click()
    expect(page.get_by_label("Characters between values")).to_have_value("_")
    expect(page.get_by_label("Name of value 2")).to_have_value("Treatment")
    assert len(questions(openai)) == 1
    assert page.complaints == []


def test_what_is_not_agreed_to_is_not_sent(with_key, page, doubles):
    show(page).get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Show what will be sent…")).to_be_focused()
    assert questions(doubles["openai"]) == []


def test_names_are_read_as_they_will_leave(page, doubles):
    doubles["cloud"].answers = [doubles["cloud"].models]

    dialog = show(page, "Cloud model")

    expect(page.get_by_label("Replace words and numbers before sending")).to_be_checked()
    expect(page.get_by_label("Replace words and numbers before sending")).to_be_disabled()
    expect(dialog).to_contain_text("Words and numbers in the names are replaced")
    shown = json.loads(dialog.locator("pre").first.inner_text())
    assert len(shown["file_names"]) == 6
    assert not any(name in dialog.inner_text() for name in ("HeLa", "DMSO", "U2OS"))


def test_faults_and_bad_answers_are_told_and_leave_the_built_in_suggestion(with_key, page, doubles):
    openai = doubles["openai"]
    openai.always = openai.overloaded
    show(page).get_by_role("button", name="Send to OpenAI").click()
    expect(page.get_by_role("alert").filter(has_text="OpenAI is overloaded")).to_be_visible(timeout=20_000)

    openai.always = openai.answer("I am only a model")
    show(page).get_by_role("button", name="Send to OpenAI").click()
    suggestion = page.locator(".omp-ai-suggestion")
    expect(suggestion).to_contain_text("The answer of OpenAI was not used, because the answer is not JSON.")
    expect(suggestion).to_contain_text("Built-in suggestion")


def test_a_missing_key_is_told_with_the_way_to_add_one(page):
    page.get_by_label("Provider").select_option(label="Anthropic (no key yet)")
    page.get_by_label("Model", exact=True).fill("claude-haiku-4-5")

    expect(page.locator(".omp-ai").get_by_role("link", name="AI keys")).to_have_attribute(
        "href", "/omeroweb_omp_plugin/ai/keys/"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_panel_and_review_have_no_serious_axe_findings(with_key, page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    findings = []
    dialog = show(page)
    findings += Axe().run(page).response["violations"]
    dialog.get_by_role("button", name="Send to OpenAI").click()
    expect(page.locator(".omp-ai-suggestion")).to_be_visible()
    findings += Axe().run(page).response["violations"]

    assert [entry["id"] for entry in findings if entry["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
