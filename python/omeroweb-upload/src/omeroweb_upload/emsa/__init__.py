"""EMSA/MAS spectra (ISO 22029): reading, writing, and the variants that instruments really write."""
