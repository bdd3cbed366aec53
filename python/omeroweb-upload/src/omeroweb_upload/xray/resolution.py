"""How wide an energy-dispersive detector makes a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MN_KA_KEV = 5.895
DEFAULT_FWHM_MN_KA_EV = 130.0
# Energy to make one electron-hole pair times Fano factor times (2.355)², in silicon, in eV (Fiori and Newbury 1978).
_SPREAD_EV = 2.5


def fwhm_kev(
    energy_kev: NDArray[np.float64] | float, fwhm_mn_ka_ev: float = DEFAULT_FWHM_MN_KA_EV
) -> NDArray[np.float64]:
    """Full width at half maximum at an energy, from that at Mn Ka: FWHM² = FWHM(Mn)² + 2.5 eV · (E - E(Mn)).

    Source: C. E. Fiori, D. E. Newbury, Scanning Electron Microscopy 1978/I, 401-422.
    """
    squared = fwhm_mn_ka_ev**2 + _SPREAD_EV * 1000 * (energy_kev - MN_KA_KEV)
    return np.asarray(np.sqrt(np.maximum(squared, 30.0**2)) / 1000)
