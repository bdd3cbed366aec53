import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
PURE = (
    "emsa",
    "xray",
    "plot",
    "spectra",
    "filesets",
    "association.py",
    "junk.py",
    "paths.py",
    "staged_names.py",
)


def test_rules_readers_and_figures_need_neither_django_nor_omero():
    modules = [
        ".".join(file.relative_to(SOURCE).with_suffix("").parts)
        for part in PURE
        for file in sorted(
            (SOURCE / "omeroweb_upload").glob(f"{part}/*.py")
            if "." not in part
            else [SOURCE / "omeroweb_upload" / part]
        )
    ]
    assert len(modules) > 30
    script = (
        f"import importlib, sys; sys.path.insert(0, {str(SOURCE)!r})\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    for unwanted in ("django", "omero", "omeroweb", "Ice", "scipy", "sqlalchemy", "rsciio", "xraydb"):
        assert f"'{unwanted}'" not in loaded
    assert "'omeroweb_upload'" in loaded
