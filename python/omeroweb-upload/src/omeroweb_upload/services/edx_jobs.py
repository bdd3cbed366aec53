"""Kinds of jobs that follow an import: attachments and SEM-EDX spectra."""
