"""Candidates: manifests, formats, the registry in the ledger, and the isolated workers that run models.

Names are loaded when first asked for, because the worker process imports this package too and must stay small.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookingglass.candidates.approval import approve_file as approve_file
    from lookingglass.candidates.approval import approved_files as approved_files
    from lookingglass.candidates.checks import FILE_CHECKS as FILE_CHECKS
    from lookingglass.candidates.checks import CheckResult as CheckResult
    from lookingglass.candidates.inspection import inspect_file as inspect_file
    from lookingglass.candidates.manifest import Manifest as Manifest
    from lookingglass.candidates.manifest import fingerprint as fingerprint
    from lookingglass.candidates.manifest import load_manifest as load_manifest
    from lookingglass.candidates.predictions import add_scores as add_scores
    from lookingglass.candidates.predictions import scores_for as scores_for
    from lookingglass.candidates.predictions import scores_without_model as scores_without_model
    from lookingglass.candidates.proposal import Proposal as Proposal
    from lookingglass.candidates.registration import name_trouble as name_trouble
    from lookingglass.candidates.registration import register as register
    from lookingglass.candidates.registration import register_baseline as register_baseline
    from lookingglass.candidates.registry import Candidate as Candidate
    from lookingglass.candidates.registry import ancestors as ancestors
    from lookingglass.candidates.registry import descendants as descendants
    from lookingglass.candidates.registry import describe as describe
    from lookingglass.candidates.registry import get_candidate as get_candidate
    from lookingglass.candidates.registry import list_candidates as list_candidates
    from lookingglass.candidates.registry import retire as retire
    from lookingglass.candidates.worker.launch import isolation_level as isolation_level
    from lookingglass.candidates.worker.pool import WorkerPool as WorkerPool
    from lookingglass.candidates.worker.process import Worker as Worker
    from lookingglass.candidates.worker.sandbox import IsolationLevel as IsolationLevel

_PLACES = {
    "approval": ("approve_file", "approved_files"),
    "checks": ("FILE_CHECKS", "CheckResult"),
    "inspection": ("inspect_file",),
    "manifest": ("Manifest", "fingerprint", "load_manifest"),
    "predictions": ("add_scores", "scores_for", "scores_without_model"),
    "proposal": ("Proposal",),
    "registration": ("name_trouble", "register", "register_baseline"),
    "registry": (
        "Candidate",
        "ancestors",
        "descendants",
        "describe",
        "get_candidate",
        "list_candidates",
        "retire",
    ),
    "worker.pool": ("WorkerPool",),
    "worker.launch": ("isolation_level",),
    "worker.process": ("Worker",),
    "worker.sandbox": ("IsolationLevel",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'lookingglass.candidates' has no attribute {name!r}")
    return getattr(importlib.import_module(f"lookingglass.candidates.{_MODULE_OF[name]}"), name)
