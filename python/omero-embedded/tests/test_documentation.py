"""The page for authors of OMERO tools says what works: its own example runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import omero_embedded

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "embedded-omero.md"


def test_the_example_of_the_page_passes_as_it_is_printed(tmp_path: Path) -> None:
    tool, test, *_ = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "my_tool.py").write_text(tool, encoding="utf-8")
    (tmp_path / "test_my_tool.py").write_text(test, encoding="utf-8")
    source = str(Path(omero_embedded.__file__).parents[1])
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "omero_embedded.pytest_plugin",
            "--rootdir",
            str(tmp_path),
            str(tmp_path),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout
