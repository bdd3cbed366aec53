"""Faults of the pure parts on their way to people."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from omero_plugin_common.web.errors import UserError
from omeroweb_omp_plugin.csv_pairs import CsvError
from omeroweb_omp_plugin.parsing.errors import ParsingError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def told() -> Iterator[None]:
    """Turn what is wrong with a recipe or a file into an answer 400."""
    try:
        yield
    except (ParsingError, CsvError) as fault:
        raise UserError(f"{fault}.") from fault
