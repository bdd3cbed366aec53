"""The chemical elements by atomic number."""

from typing import Final

_IN_ORDER = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb
Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf
Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""
SYMBOLS: Final = tuple(_IN_ORDER.split())
ATOMIC_NUMBERS: Final = {symbol: number for number, symbol in enumerate(SYMBOLS, start=1)}


def symbol_of(atomic_number: int) -> str | None:
    """The symbol of an element, or None where there is no such element."""
    return SYMBOLS[atomic_number - 1] if 1 <= atomic_number <= len(SYMBOLS) else None
