"""Golden names: real-world file names with the values they are cut into at `_`, `-` and `.`.

With `src` on PYTHONPATH, `python golden.py` prints how the parser's values differ from the file and
`python golden.py --write` updates it; read the difference before keeping it. A new name is added as a line of its own, without values, and then written.
"""

import difflib
import sys
from pathlib import Path

from omeroweb_omp_plugin.parsing.rules import Parser, Rule

GOLDEN = Path(__file__).with_name("golden_names.tsv")
BETWEEN = " | "


def read() -> list[tuple[str, str]]:
    """Names and expected values."""
    lines = GOLDEN.read_text("utf-8").splitlines()
    return [(name, values) for name, _, values in (line.partition("\t") for line in lines) if name]


def parsed(name: str) -> str:
    """The values the parser finds."""
    return BETWEEN.join(value or "" for value in Parser(Rule()).values(name) or ())


def main() -> int:
    """Print the difference, write it when asked; 1 when there was one."""
    wanted = [f"{name}\t{values}\n" for name, values in read()]
    found = [f"{name}\t{parsed(name)}\n" for name, _ in read()]
    sys.stdout.writelines(difflib.unified_diff(wanted, found, "golden", "parser", n=0))
    if "--write" in sys.argv:
        GOLDEN.write_text("".join(found), "utf-8")
    return int(wanted != found)


if __name__ == "__main__":
    sys.exit(main())
