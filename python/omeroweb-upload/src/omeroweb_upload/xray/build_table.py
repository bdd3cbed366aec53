"""Makes `lines.csv` from the xraydb package; run it when xraydb has better data.

Usage: python -m omeroweb_upload.xray.build_table [file]

Source: W. T. Elam, B. D. Ravel, J. R. Sieber, "A new atomic database for X-ray spectroscopic calculations", Radiation
Physics and Chemistry 63 (2002) 121-128, as distributed by XrayDB (M. Newville, MIT licence). The table is kept in the
package so that neither a 10 MB database nor SQLAlchemy and SciPy are needed to look up a line.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from omeroweb_upload.xray.elements import SYMBOLS
from omeroweb_upload.xray.lines import TABLE

FIRST, LAST = 3, 98
MIN_EV, MAX_EV = 40.0, 120_000.0
# Electrons in the shell that has the vacancy: how likely it is that ionisation hits this shell of its family.
ELECTRONS = {"K": 2, "L1": 2, "L2": 2, "L3": 4, "M3": 4, "M4": 4, "M5": 6, "M4,5": 10}
HEADER = ("symbol", "atomic_number", "line", "iupac", "energy_kev", "weight", "edge_kev")


def table() -> str:
    """The table as CSV: energies and edges in keV, weights relative to the strongest line of the family (K, L or M).

    The weight of a line is electrons in the shell × fluorescence yield × part of the shell's emission, without
    Coster-Kronig transfer; good for what belongs together, not for quantification.
    """
    import xraydb  # noqa: PLC0415  a development-time source

    rows: list[tuple[str, int, str, str, float, float, float]] = []
    for number in range(FIRST, LAST + 1):
        symbol = SYMBOLS[number - 1]
        edges = xraydb.xray_edges(symbol)
        found = []
        for name, line in xraydb.xray_lines(symbol).items():
            shells = ("M4", "M5") if line.initial_level == "M4,5" else (line.initial_level,)
            if not MIN_EV <= line.energy <= MAX_EV or any(shell not in edges for shell in shells):
                continue
            fluorescence = sum(edges[shell].fyield for shell in shells) / len(shells)
            weight = ELECTRONS[line.initial_level] * fluorescence * line.intensity
            edge = min(edges[shell].energy for shell in shells)
            iupac = f"{line.initial_level}-{line.final_level}"
            found.append((name, iupac, line.energy / 1000, weight, edge / 1000))
        for name, iupac, energy, weight, edge in found:
            strongest = max(other[3] for other in found if other[0][0] == name[0])
            relative = weight / strongest if strongest > 0 else 0.0
            if relative >= 1e-4:
                rows.append(
                    (symbol, number, name, iupac, round(energy, 5), round(relative, 4), round(edge, 5))
                )
    rows.sort(key=lambda row: (row[1], row[4], row[2]))
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return target.getvalue()


def main() -> None:
    """Write the table."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE
    target.write_text(table(), encoding="utf-8")


if __name__ == "__main__":
    main()
