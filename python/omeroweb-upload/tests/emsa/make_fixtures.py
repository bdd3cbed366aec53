"""Makes the spectrum files in `fixtures/` and `fixtures/expected.json`, which says what each should be read as.

Usage: python make_fixtures.py [folder]
"""

import json
import sys
from pathlib import Path

# The order of these is the order of the files in expected.json; importing them registers their files.
import fixtures_standard  # isort: skip
import fixtures_instruments  # isort: skip
import fixtures_broken  # isort: skip
from fixture_parts import COUNTS, ENERGIES, FIXTURES

MAKERS = (fixtures_standard, fixtures_instruments, fixtures_broken)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("fixtures")
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, make in FIXTURES.items():
        content, expectation = make()
        (folder / f"{name}.msa").write_bytes(content)
        expected[name] = {"what": make.__doc__, **expectation}
        # The usual numbers are written once.
        for axis, usual in (("x", ENERGIES), ("y", COUNTS)):
            if expected[name].get(axis) == usual:
                expected[name][axis] = "usual"
    document = {"x": ENERGIES, "y": COUNTS, "files": expected}
    (folder / "expected.json").write_text(
        json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
