"""Characteristic X-rays: line energies, peaks in a spectrum, and which elements they may come from."""
