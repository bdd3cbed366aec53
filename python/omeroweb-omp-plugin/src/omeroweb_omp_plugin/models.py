"""The plugin's tables, found by Django here; each stands in `store`."""

from __future__ import annotations

from omeroweb_omp_plugin.store.credentials import AiCredential
from omeroweb_omp_plugin.store.runs import JobInput, RestoredAnnotation, WrittenObject
from omeroweb_omp_plugin.store.user_settings import UserSettings
from omeroweb_omp_plugin.store.variable_sets import VariableSet, VariableSetVersion

__all__ = [
    "AiCredential",
    "JobInput",
    "RestoredAnnotation",
    "UserSettings",
    "VariableSet",
    "VariableSetVersion",
    "WrittenObject",
]
