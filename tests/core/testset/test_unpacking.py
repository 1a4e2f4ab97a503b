"""A zip of a table with its images: it lands inside its folder, within its limits, or is refused in one sentence."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from lookingglass.errors import BadInput
from lookingglass.testset.unpacking import UnpackLimits, unpack


def packed(tmp_path: Path, files: dict[str, bytes], link: str | None = None) -> Path:
    """Write a zip with these files, and with a link if wanted."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        if link is not None:
            item = zipfile.ZipInfo("link.png")
            item.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(item, link)
    path = tmp_path / "upload.zip"
    path.write_bytes(out.getvalue())
    return path


def into(tmp_path: Path) -> Path:
    """Make the folder that a zip is unpacked into."""
    folder = tmp_path / "deep" / "inside"
    folder.mkdir(parents=True)
    return folder


def test_the_table_is_found_and_its_images_lie_beside_it(tmp_path: Path) -> None:
    path = packed(
        tmp_path,
        {
            "set/table.csv": b"a,b\n",
            "set/images/1.png": b"1",
            "__MACOSX/set/._table.csv": b"x",
            "set/.DS_Store": b"x",
        },
    )
    table = unpack(path, into(tmp_path))
    assert table.name == "table.csv"
    assert sorted(p.name for p in table.parent.rglob("*") if p.is_file()) == ["1.png", "table.csv"]


@pytest.mark.parametrize(
    "name", ["../out.csv", "/etc/out.csv", "a/../../out.csv", "..\\out.csv", "C:\\out.csv"]
)
def test_a_path_that_leads_outside_is_refused_and_nothing_lands_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="leads outside"):
        unpack(packed(tmp_path, {name: b"a,b\n"}), into(tmp_path))
    assert not list(tmp_path.rglob("out.csv"))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "holds none"),
        ({"1.png": b"x"}, "exactly one table"),
        ({"a.csv": b"x", "b.csv": b"x"}, r"holds 2: a\.csv, b\.csv"),
        ({"a.csv": b"x", "A.CSV": b"x"}, "is in it twice"),
        ({"[Content_Types].xml": b"x", "xl/sheet1.xml": b"x"}, "it is a spreadsheet: save it as CSV"),
        ({"a.csv": b"x" * 5_000_000}, "unpacks to more than 1 MiB"),
        ({f"{n}.png": b"" for n in range(6)}, "holds 6 files, more than 5"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, files: dict[str, bytes], told: str) -> None:
    limits = UnpackLimits(files=5, unpacked_bytes=1 << 20)
    with pytest.raises(BadInput, match=told):
        unpack(packed(tmp_path, files), into(tmp_path), limits=limits)


def test_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a link to another file"):
        unpack(packed(tmp_path, {"a.csv": b"x"}, link="/etc/passwd"), into(tmp_path))


def test_a_torn_zip_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a.csv": b"x" * 999})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadInput, match="cannot be unpacked"):
        unpack(path, into(tmp_path))
