"""Uploads to OMERO from the browser: what arrives, what belongs together, and SEM-EDX spectra."""
