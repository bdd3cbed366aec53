"""Figures of spectra, with element labels that neither overlap nor cross."""
