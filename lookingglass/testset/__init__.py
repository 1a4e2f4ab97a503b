"""The living test set: schema, strict import, single edits, versions with a digest, differences, checks and export."""

from lookingglass.testset.check import CHECKS, CheckResult, check
from lookingglass.testset.checked_bytes import ReadLimits
from lookingglass.testset.diff import Diff, DiffRow, diff
from lookingglass.testset.edits import (
    NewExample,
    add_example,
    add_examples,
    check_examples,
    edit_example,
    relabel,
    remove,
    tag,
)
from lookingglass.testset.erasure import erase_example
from lookingglass.testset.events import latest_version
from lookingglass.testset.export import export
from lookingglass.testset.history import VersionInfo, history
from lookingglass.testset.importing import ImportPlan, commit_import, plan_import
from lookingglass.testset.model import TestSet
from lookingglass.testset.reading import UploadedRows, read_table
from lookingglass.testset.schema import describe_schema, propose_schema
from lookingglass.testset.table_edits import edit_many
from lookingglass.testset.tombstones import Tombstone
from lookingglass.testset.versions import forget_versions, read_version

__all__ = [
    "CHECKS",
    "CheckResult",
    "Diff",
    "DiffRow",
    "ImportPlan",
    "NewExample",
    "ReadLimits",
    "TestSet",
    "Tombstone",
    "UploadedRows",
    "VersionInfo",
    "add_example",
    "add_examples",
    "check",
    "check_examples",
    "commit_import",
    "describe_schema",
    "diff",
    "edit_example",
    "edit_many",
    "erase_example",
    "export",
    "forget_versions",
    "history",
    "latest_version",
    "plan_import",
    "propose_schema",
    "read_table",
    "read_version",
    "relabel",
    "remove",
    "tag",
]
