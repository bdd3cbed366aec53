"""The page as a new user tries it: choose, suggest, correct, write, look in OMERO.web, take back."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ..helpers import BASE, annotate, dataset_with_images, pairs_on

pytestmark = pytest.mark.browser

WAIT = 60_000
NAMES = [
    f"20260312_HeLa_{treatment}_488nm-laser_rep{number}.ome.tif"
    for treatment in ("ctrl", "taxol-10nM")
    for number in (1, 2, 10)
]


STEPS = 80
LONGEST_TASK_SECONDS = 0.2
SCROLL_TO = """async (part) => {
    const frame = document.querySelector("#omp-grid .omp-table-frame");
    frame.scrollTop = (frame.scrollHeight - frame.clientHeight) * part;
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return Math.max(...[...frame.querySelectorAll("tr[data-index]")].map((row) => Number(row.dataset.index)));
}"""


def scroll_through(page):
    """The processor time of the busiest step of scrolling, in seconds, and the last row seen.

    All tasks of a step are counted together, so none of them took longer. Processor time is what the page itself
    needs, however busy the machine is with other work.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def used():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(entry["value"] for entry in metrics if entry["name"] == "TaskDuration")

    busiest, seen, before = 0.0, 0, used()
    for step in range(STEPS):
        seen = max(seen, page.evaluate(SCROLL_TO, step / (STEPS - 1)))
        after = used()
        busiest, before = max(busiest, after - before), after
    assert before > 0, "the browser counts no processor time"
    return busiest, seen


@pytest.fixture
def alice(people):
    with people.gateway("alice") as conn:
        yield conn


def cell(page, row, column):
    """A cell of the preview by the image's place and the column's title, once there is such a column."""
    page.locator("#omp-grid thead th").filter(has_text=column).first.wait_for()
    titles = page.locator("#omp-grid thead th").all_inner_texts()
    return page.locator(f"#omp-grid tr[data-index='{row}'] > *").nth(titles.index(column))


def choose_dataset(page, name):
    page.goto(BASE)
    page.get_by_label(name).first.check()
    expect(page.locator("#omp-grid tbody tr[data-index='0']")).to_be_visible(timeout=WAIT)


def wait_for_job(page, title):
    """The job is over when it stands in the list of last jobs, which is loaded at its end."""
    expect(page.locator(".omp-run").first).to_contain_text(title, timeout=2 * WAIT)
    expect(page.locator("#omp-job .omp-job-state")).to_have_text("Done", timeout=WAIT)


def test_a_new_user_turns_names_into_pairs_and_takes_them_back(alice, open_as, worker):
    _, ids = dataset_with_images(alice, NAMES, "first try")
    page = open_as("alice")
    choose_dataset(page, "first try")
    page.get_by_role("button", name="Suggest").click()
    expect(page.locator("#omp-explanation")).to_contain_text("6 of 6 names fit", timeout=WAIT)
    expect(cell(page, 0, "Image")).to_have_text("20260312_HeLa_ctrl_488nm-laser_rep1.ome.tif")
    expect(cell(page, 2, "Image")).to_contain_text("rep10")
    page.get_by_label("Name of value 2").fill("Cell line")
    expect(page.locator("#omp-grid thead")).to_contain_text("Cell line", timeout=WAIT)
    expect(cell(page, 0, "Cell line")).to_contain_text("HeLa")

    cell(page, 0, "Cell line").dblclick()
    page.keyboard.type("HeLa Kyoto")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Forget corrections on 1 image", exact=True)).to_be_visible(
        timeout=WAIT
    )
    expect(cell(page, 0, "Cell line")).to_contain_text("HeLa Kyoto")

    expect(page.locator("#omp-preview-status")).to_contain_text("6 will change", timeout=WAIT)
    page.get_by_role("button", name="Write to 6 images").click()
    wait_for_job(page, "Write metadata")
    assert ("Cell line", "HeLa Kyoto") in pairs_on(alice, ids[0])[0]
    assert ("Cell line", "HeLa") in pairs_on(alice, ids[1])[0]
    expect(page.locator("#omp-preview-status")).to_contain_text("6 stay as they are", timeout=WAIT)

    webclient = page.context.new_page()
    webclient.goto(f"/webclient/?show=image-{ids[0]}")
    webclient.get_by_role("heading", name="Key-Value Pairs 1").click()
    expect(webclient.locator("#right_panel")).to_contain_text("HeLa Kyoto", timeout=WAIT)

    page.locator(".omp-run .omp-undo").first.click()
    wait_for_job(page, "Take back")
    assert [pairs_on(alice, number) for number in ids] == [[]] * 6
    webclient.reload()
    expect(webclient.get_by_role("heading", name="Key-Value Pairs 0")).to_be_visible(timeout=WAIT)
    assert page.complaints == []


def test_a_selection_in_omero_webs_tree_opens_here(alice, open_as, worker):
    _, ids = dataset_with_images(alice, NAMES, "from the tree")
    page = open_as("alice")
    page.goto(f"/webclient/?show=image-{ids[0]}")
    page.get_by_role("link", name="File names", exact=True).first.click()
    link = page.get_by_role("link", name="Open file names to metadata")
    expect(link).to_be_visible(timeout=WAIT)
    assert link.get_attribute("href") == f"{BASE}?image={ids[0]}"
    page.goto(link.get_attribute("href"))
    expect(page.locator("#omp-grid tbody tr[data-index]")).to_have_count(1, timeout=WAIT)


def test_the_centre_of_omero_web_shows_the_page_for_what_is_selected(alice, open_as, worker):
    _, ids = dataset_with_images(alice, NAMES, "in the centre")
    page = open_as("alice")
    page.goto(f"/webclient/?show=image-{ids[1]}")
    page.locator("#center_panel_chooser select").select_option(label="File names")
    inside = page.frame_locator("iframe.omp-panel-frame")
    expect(inside.locator("#omp-grid tbody tr[data-index]")).to_have_count(1, timeout=WAIT)
    expect(inside.locator("#omp-grid tbody th")).to_have_text(NAMES[1])


def test_a_value_that_stays_is_shown_as_it_is_and_the_one_not_written_struck_through(
    people, alice, open_as, worker
):
    dataset, ids = dataset_with_images(alice, ["P1_HeLa.tif"], "in conflict")
    with people.gateway("bob") as bob:
        annotate(bob, ids[0], [("Project number", "bob's")])
    page = open_as("alice")
    page.goto(f"{BASE}?dataset={dataset}")
    conflict = cell(page, 0, "Project number")
    expect(conflict).to_have_text("bob's P1", timeout=WAIT)
    expect(conflict.locator("del")).to_have_text("P1")
    expect(page.locator("#omp-preview-status")).to_contain_text(
        "1 image · 1 will change · 1 value in conflict"
    )
    page.get_by_label("Values that are there already").select_option("replace_own")
    expect(conflict).to_have_text("P1 · bob's", timeout=WAIT)
    assert conflict.locator("del").count() == 0
    page.get_by_text("conflicts", exact=True).click()
    expect(page.locator("#omp-grid tbody tr[data-index]")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1400])
def test_the_page_has_no_serious_accessibility_findings(alice, open_as, worker, scheme, width):
    dataset, _ = dataset_with_images(alice, NAMES, "accessible")
    page = open_as("alice", color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(f"{BASE}?dataset={dataset}")
    expect(page.locator("#omp-grid tbody tr[data-index='0']")).to_be_visible(timeout=WAIT)
    found = Axe().run(page).response["violations"]
    serious = [
        (entry["id"], [node["html"] for node in entry["nodes"]][:3])
        for entry in found
        if entry["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    assert page.complaints == []


def test_five_thousand_images_scroll_without_a_long_task(alice, open_as, worker):
    names = [f"P1_HeLa_s{number % 24}_pos{number}.tif" for number in range(5000)]
    dataset, ids = dataset_with_images(alice, names, "five thousand")
    page = open_as("alice")
    page.goto(f"{BASE}?dataset={dataset}")
    expect(page.locator("#omp-preview-status")).to_contain_text("5000 images", timeout=WAIT)
    assert page.locator("#omp-grid tbody tr[data-index]").count() < 80
    busiest, last = scroll_through(page)
    assert last == 4999
    assert busiest < LONGEST_TASK_SECONDS, (
        f"a step of scrolling took {busiest * 1000:.0f} ms of processor time"
    )
    page.get_by_role("button", name="Suggest").click()
    expect(page.locator("#omp-explanation")).to_contain_text("5000 of 5000 names fit", timeout=WAIT)
    expect(page.locator("#omp-preview-status")).to_contain_text("5000 will change", timeout=WAIT)
    page.evaluate(SCROLL_TO, 0)
    key = page.get_by_label("Name of value 2").input_value()
    cell(page, 0, key).dblclick()
    page.keyboard.type("HeLa Kyoto")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Forget corrections on 1 image", exact=True)).to_be_visible(
        timeout=WAIT
    )
    expect(page.locator("#omp-preview-status")).to_contain_text("5000 will change", timeout=WAIT)
    page.get_by_role("button", name="Write to 5000 images").click()
    wait_for_job(page, "Write metadata")
    first = int(page.locator("#omp-grid tr[data-index='0']").get_attribute("data-id"))
    assert (key, "HeLa Kyoto") in pairs_on(alice, first)[0]
    assert (key, "HeLa") in pairs_on(alice, ids[-1])[0]
    webclient = page.context.new_page()
    webclient.goto(f"/webclient/?show=image-{first}")
    webclient.get_by_role("heading", name="Key-Value Pairs 1").click()
    expect(webclient.locator("#right_panel")).to_contain_text("HeLa Kyoto", timeout=WAIT)
    page.locator(".omp-run .omp-undo").first.click()
    wait_for_job(page, "Take back")
    assert [pairs_on(alice, number) for number in (first, ids[-1])] == [[], []]
    webclient.reload()
    expect(webclient.get_by_role("heading", name="Key-Value Pairs 0")).to_be_visible(timeout=WAIT)
