"""The page about the format lists the codes the checker knows."""

from pathlib import Path

from ims_writer.check.findings import CODES

PAGE = Path(__file__).parents[4] / "docs" / "ims-format.md"


def test_the_page_lists_every_code_with_its_meaning() -> None:
    rows = [f"| {code} | {severity} | {meaning} |" for code, (severity, meaning) in CODES.items()]
    table = "\n".join(["| code | | meaning |", "|---|---|---|", *rows])
    _, found = PAGE.read_text().split("checked by a test -->\n")
    assert found.split("\n<!-- end of codes")[0] == table
