"""Images on their way in: what is taken, what is refused in which words, and same pixels being the same image."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lookingglass.config import Column, Task, WorkspaceConfig, dump_config, parse_config
from lookingglass.creating import create_workspace_from_file
from lookingglass.errors import BadInput, Damaged, ImportRejected, NotFound
from lookingglass.home import Home
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    add_example,
    commit_import,
    describe_schema,
    edit_example,
    export,
    plan_import,
    propose_schema,
    read_version,
    relabel,
)
from lookingglass.testset.image_cells import data_address
from lookingglass.testset.images import (
    MAX_BYTES,
    NotAnImage,
    canonical_image,
    picture_of,
    pixels_of,
    read_image,
    with_channels,
)
from lookingglass.workspace import Workspace
from tests.core.testset.conftest import ANA

PICTURES = {
    "example_id": Column(role=("id",), type="text"),
    "image": Column(role=("image",), type="image", size=(8, 8), channels=1),
    "label": Column(role=("label",), type="category", values=("no", "yes")),
}
PICTURE_TASK = Task(kind="image", label="label", positive="yes")


def pixels(seed: int = 0, height: int = 8, width: int = 8, channels: int = 1) -> np.ndarray:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def saved(image: Any, kind: str = "PNG", **options: Any) -> bytes:
    """Return an image (or an array) as Pillow writes it."""
    out = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG whose header announces a huge image; its data would not even be that large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    """Return an empty workspace of 8 x 8 grey images."""
    return make_home(columns=PICTURES, task=PICTURE_TASK)


def table(folder: Path, cells: list[Any], name: str = "t.parquet") -> Path:
    """Write a table of images with the ids e0, e1, ... and the labels no, yes, no, ..."""
    frame = pl.DataFrame(
        {
            "example_id": [f"e{at}" for at in range(len(cells))],
            "image": cells,
            "label": ["yes" if at % 2 else "no" for at in range(len(cells))],
        }
    )
    path = folder / name
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def problems_of(home: Home, path: Path) -> list[str]:
    """Return what is wrong with a file, and hold it to having changed nothing."""
    with pytest.raises(ImportRejected) as caught:
        plan_import(home, path)
    assert read_version(home).version == 0
    assert home.files.is_empty()
    return [str(problem) for problem in caught.value.problems]


def import_(home: Home, path: Path) -> Any:
    return commit_import(home, plan_import(home, path), ANA)


# --- what an image becomes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_kept_is_a_png_with_the_very_same_pixels(channels: int) -> None:
    """Pillow, which had no part in writing it, reads the pixels back; odd sizes and several stored blocks too."""
    for height, width in ((8, 8), (1, 1), (7, 13), (300, 401)):
        original = pixels(1, height, width, channels)
        kept = canonical_image(saved(original))
        with Image.open(io.BytesIO(kept.png)) as image:
            image.verify()
        with Image.open(io.BytesIO(kept.png)) as image:
            np.testing.assert_array_equal(np.asarray(image), original)
        assert (kept.height, kept.width, kept.channels) == (height, width, channels)
        assert kept.sha == hashlib.sha256(kept.png).hexdigest()


def test_same_pixels_are_the_same_image_however_they_were_saved() -> None:
    """Compression, metadata and a palette change the file and not the image; one changed pixel does change it."""
    original = pixels()
    notes = PngInfo()
    notes.add_text("patient", "somebody")
    palette = Image.fromarray(original).convert("P")
    variants = [
        saved(original),
        saved(original, compress_level=0),
        saved(original, pnginfo=notes, dpi=(300, 300)),
        saved(original, optimize=True),
        canonical_image(saved(original)).png,
    ]
    assert len(set(variants)) == 5
    assert len({canonical_image(data).sha for data in variants}) == 1
    grey = with_channels(canonical_image(saved(palette)), 1)
    assert grey is not None
    assert grey.sha == canonical_image(variants[0]).sha
    other = original.copy()
    other[3, 4] ^= 1
    assert canonical_image(saved(other)).sha != canonical_image(saved(original)).sha
    assert b"somebody" not in canonical_image(variants[2]).png


def test_hash_of_known_pixels_never_changes() -> None:
    """No compressor has a say in it: another version of Pillow or zlib must give these very bytes."""
    sha = picture_of(np.arange(64, dtype=np.uint8).reshape(8, 8)).sha
    assert sha == "b0eb4945328da0f6a155a9246905713af8277632e60ed7ee9bca9bcdf82977de"


def test_jpeg_is_taken_upright() -> None:
    """What the camera noted about its position is applied, since it is not kept."""
    light_left = np.zeros((16, 8), dtype=np.uint8)
    light_left[:, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    kept = canonical_image(saved(light_left, "JPEG", exif=exif, quality=95))
    assert (kept.height, kept.width) == (8, 16)
    shown = pixels_of(kept.png)
    assert shown[:4].mean() > 200 > 50 > shown[4:].mean()


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_other_kinds_of_pixels_become_grey_or_colour(mode: str, channels: int) -> None:
    kept = canonical_image(saved(Image.fromarray(pixels(2)).convert(mode)))
    assert kept.channels == channels


def test_grey_is_shown_in_colour_but_colour_never_becomes_grey() -> None:
    grey, colour = canonical_image(saved(pixels())), canonical_image(saved(pixels(channels=3)))
    both = with_channels(grey, 3)
    assert both is not None
    assert with_channels(both, 1) == grey
    assert with_channels(colour, 1) is None


# --- what is refused ------------------------------------------------------------------------------------------------

WHOLE = saved(pixels())
IN_THE_DATA = WHOLE.index(b"IDAT") + 8
REFUSED: dict[str, tuple[bytes, str]] = {
    "text": (b"hello", "is not an image: give a PNG or JPEG"),
    "empty": (b"", "is empty, and this column may not be"),
    "gif": (saved(pixels(), "GIF"), "is a GIF file: save it as PNG or JPEG"),
    "webp": (saved(pixels(), "WEBP"), "is a WebP image: save it as PNG or JPEG"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG file: save it as PNG or JPEG"),
    "size": (saved(pixels(height=28, width=28)), "is 28 x 28 pixels, the images here are 8 x 8: resize it"),
    "colour": (saved(pixels(channels=3)), "is in colour, the images here are grey: save it in grey"),
    "cut off": (WHOLE[:-20], "is cut off: the end of the PNG is missing"),
    "cut off JPEG": (saved(pixels(height=64, width=64), "JPEG")[:-200], "is cut off: its end is missing"),
    "checksum": (
        WHOLE[:IN_THE_DATA] + bytes([WHOLE[IN_THE_DATA] ^ 1]) + WHOLE[IN_THE_DATA + 1 :],
        "is damaged: a checksum in the PNG is wrong",
    ),
    "animated": (
        saved(Image.fromarray(pixels()), save_all=True, append_images=[Image.fromarray(pixels(1))]),
        "is animated: save one frame of it",
    ),
    "transparent": (saved(pixels(channels=4)), "is transparent in places: save it on a plain ground"),
    "16 bits": (saved(pixels().astype(np.uint16) * 200), "has 16 bits a channel: save it with 8"),
    "print colours": (
        saved(Image.new("CMYK", (8, 8)), "JPEG"),
        "is in print colours (CMYK): save it as RGB",
    ),
    "100 megapixels": (
        bomb(10_000, 10_000),
        "is 10,000 x 10,000 pixels, more than 25 million: make it smaller",
    ),
    "bomb": (
        bomb(2**31 - 1, 2**31 - 1),
        "is 2,147,483,647 x 2,147,483,647 pixels, more than 25 million: make it smaller",
    ),
    "no pixels": (bomb(0, 8), "is damaged: it has no pixels"),
    "too little data": (bomb(8, 200)[:0] + bomb(1000, 1000), "is cut off: its end is missing"),
    "too many bytes": (WHOLE + bytes(MAX_BYTES), "has more than 20 MB: make it smaller"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_each_bad_image_is_told_in_one_sentence_by_row_and_column(
    home: Home, tmp_path: Path, case: str
) -> None:
    """Whichever way it comes, and nothing is imported half."""
    data, sentence = REFUSED[case]
    bad = table(tmp_path, [WHOLE, data, saved(pixels(3))])
    assert problems_of(home, bad) == [f"row 2, column image: {sentence}"]
    if case not in ("empty", "too many bytes"):
        (tmp_path / "bad.png").write_bytes(data)
        named = table(tmp_path, ["bad.png"], "named.csv")
        assert problems_of(home, named) == [f"row 1, column image: {sentence}"]
        address = f"data:image/png;base64,{base64.b64encode(data).decode()}"
        written = table(tmp_path, [address], "written.csv")
        assert problems_of(home, written) == [f"row 1, column image: {sentence}"]
    if case != "empty":
        with pytest.raises(BadInput, match=r"^column image: "):
            add_example(home, {"image": data}, actor=ANA)
        assert home.files.is_empty()


def test_a_bomb_is_refused_without_being_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The header alone decides, in a PNG and in a JPEG: no decoder is asked for a single pixel."""
    from PIL import ImageFile

    jpeg = bytearray(saved(pixels(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 10_000, 10_000)

    def unpack(_self: Any) -> None:
        raise AssertionError("pixels were unpacked")

    monkeypatch.setattr(ImageFile.ImageFile, "load", unpack)
    for data in (bomb(10_000, 10_000), bytes(jpeg)):
        with pytest.raises(NotAnImage, match="10,000 x 10,000 pixels, more than 25 million"):
            canonical_image(data)


def test_a_photograph_of_24_million_pixels_is_taken() -> None:
    """The limit refuses what is too large and not what is large."""
    assert canonical_image(saved(Image.new("L", (6000, 4000)), "JPEG")).width == 6000


# --- file names -----------------------------------------------------------------------------------------------------


def test_file_names_lead_into_the_folder_of_the_table_only(home: Home, tmp_path: Path) -> None:
    """Up, out by a link, absolute, a device, a pipe, an address: each is refused by name, and nobody waits."""
    place = tmp_path / "upload"
    place.mkdir()
    (tmp_path / "secret.png").write_bytes(WHOLE)
    (place / "link.png").symlink_to(tmp_path / "secret.png")
    (place / "null.png").symlink_to("/dev/zero")
    (place / "folder.png").mkdir()
    os.mkfifo(place / "pipe.png")
    (place / "loop.png").symlink_to(place / "loop.png")
    cells = [
        "../secret.png",
        str(tmp_path / "secret.png"),
        "link.png",
        "null.png",
        "pipe.png",
        "folder.png",
        "loop.png",
        "none.png",
        "http://example.org/a.png",
        "a\\b.png",
        "a/../../secret.png",
    ]
    told = problems_of(home, table(place, cells, "t.csv"))
    assert len(told) == len(cells)
    for words, part in zip(told, ["leads into"] * 2 + ["leads out"] * 2, strict=False):
        assert part in words
    assert "'pipe.png' is not a file" in told[4]
    assert "there is no file 'none.png' beside the table" in told[7]
    assert "is an address, and nothing is fetched" in told[8]
    assert not any(str(tmp_path) in words for words in [*told[:1], *told[2:]])


def test_a_link_inside_the_folder_is_followed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(WHOLE)
    (tmp_path / "b.png").symlink_to("a.png")
    import_(home, table(tmp_path, ["b.png"], "t.csv"))
    assert read_version(home).examples == 1


def test_images_can_lie_in_another_folder_that_is_named(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "a.png").write_bytes(WHOLE)
    path = table(tmp_path, ["a.png"], "t.csv")
    assert plan_import(home, path, images=folder).added == 1
    with pytest.raises(BadInput, match="is not a folder"):
        plan_import(home, path, images=tmp_path / "nowhere")


# --- in the workspace -----------------------------------------------------------------------------------------------


def test_planning_keeps_nothing_and_committing_keeps_each_image_once(home: Home, tmp_path: Path) -> None:
    path = table(tmp_path, [WHOLE, saved(pixels(1)), WHOLE])
    plan = plan_import(home, path)
    assert home.files.is_empty()
    event = commit_import(home, plan, ANA)
    assert event is not None
    cells = read_version(home).rows.get_column("image").to_list()
    assert event.payload["files"] == sorted({cell.removeprefix("sha256:") for cell in cells})
    assert len(event.payload["files"]) == 2
    assert cells[0] == cells[2]
    assert read_image(home.files, cells[0]) == canonical_image(WHOLE).png


def test_same_pixels_again_change_nothing_and_a_changed_pixel_changes_the_input(
    home: Home, tmp_path: Path
) -> None:
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    before = read_version(home).rows
    again = table(tmp_path, [data_address_of(pixels()), data_address_of(pixels(1))], "again.csv")
    assert plan_import(home, again).changes_nothing
    other = pixels()
    other[0, 0] ^= 1
    import_(home, table(tmp_path, [saved(other), saved(pixels(1))]))
    after = read_version(home).rows
    same = (before["@input_id"] == after["@input_id"]).to_list()
    assert same == [False, True]


def data_address_of(image: np.ndarray) -> str:
    return data_address(saved(image, compress_level=1))


def test_relabelling_keeps_the_input_and_names_no_file(home: Home, tmp_path: Path) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    before = read_version(home).rows["@input_id"].to_list()
    event = relabel(home, "e0", "yes", actor=ANA)
    assert event is not None
    assert "files" not in event.payload
    assert read_version(home).rows["@input_id"].to_list() == before


def test_an_example_can_be_added_and_edited_with_an_image(home: Home) -> None:
    """As bytes, as a data address, and by the name of a kept one; the events name what is new."""
    first = add_example(home, {"image": WHOLE}, label="no", actor=ANA)
    name = read_version(home).rows["image"][0]
    assert first.payload["files"] == [name.removeprefix("sha256:")]
    second = add_example(home, {"image": name}, label="no", actor=ANA)
    assert "files" not in second.payload
    edited = edit_example(home, "pattern-000001", {"image": data_address_of(pixels(5))}, actor=ANA)
    assert edited is not None
    assert len(edited.payload["files"]) == 1
    assert edit_example(home, "pattern-000001", {"image": saved(pixels(5))}, actor=ANA) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sha256:" + "0" * 64, "names an image that is not kept in this workspace"),
        ("a.png", "is not an image: give a PNG or JPEG file"),
        ("", "is empty, and this column may not be"),
        ("data:text/html;base64,PGI+", "is a data address of no image"),
        ("data:image/png;base64,!!!!", "base64 is damaged"),
        (7, "is 7, not an image"),
    ],
)
def test_what_is_no_image_is_refused_in_a_form(home: Home, value: Any, words: str) -> None:
    with pytest.raises(BadInput, match=r"^column image: ") as caught:
        add_example(home, {"image": value}, actor=ANA)
    assert words in str(caught.value)


def test_other_files_of_the_workspace_cannot_be_named_as_images(home: Home) -> None:
    """A cell that names a model or a part of the test set shows nothing of it."""
    sha = home.files.add_bytes(b"a model that nobody may read")
    with pytest.raises(NotFound, match="names no image"):
        Workspace(home).image(f"sha256:{sha}")
    with pytest.raises(BadInput, match="not kept in this workspace"):
        add_example(home, {"image": f"sha256:{sha}"}, actor=ANA)


def test_verifying_notices_an_image_that_is_missing_or_was_changed(home: Home, tmp_path: Path) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    assert verify(home.folder).ok
    name = read_version(home).rows["image"][0]
    path = home.files.path(name.removeprefix("sha256:"))
    path.chmod(0o644)
    path.write_bytes(canonical_image(saved(pixels(9))).png)
    assert [finding.code for finding in verify(home.folder).findings] == ["file-changed"]
    with pytest.raises(Damaged):
        Workspace(home).image(name)
    path.unlink()
    assert [finding.code for finding in verify(home.folder).findings] == ["file-missing"]


def test_only_the_rows_asked_for_are_read(home: Home, tmp_path: Path) -> None:
    """Another image may be gone; the model gets the one that it is asked about."""
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    test_set = read_version(home)
    home.files.path(test_set.rows["image"][1].removeprefix("sha256:")).unlink()
    given = test_set.inputs(["image"], [0]).column("image").to_pylist()
    assert given == [canonical_image(WHOLE).png]
    with pytest.raises(Damaged):
        test_set.inputs(["image"], [1])


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_an_export_imported_again_changes_nothing(home: Home, tmp_path: Path, suffix: str) -> None:
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    out = export(read_version(home), tmp_path / f"out.{suffix}")
    assert plan_import(home, out).changes_nothing


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_another_workspace_gets_the_images_with_an_export(
    home: Home, make_home: Callable[..., Home], tmp_path: Path, suffix: str
) -> None:
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    other = make_home("other", columns=PICTURES, task=PICTURE_TASK)
    import_(other, export(read_version(home), tmp_path / f"out.{suffix}"))
    assert read_version(other).rows["image"].to_list() == read_version(home).rows["image"].to_list()
    assert read_image(other.files, read_version(other).rows["image"][0]) == canonical_image(WHOLE).png


def test_another_workspace_is_told_that_csv_only_names_images(
    home: Home, make_home: Callable[..., Home], tmp_path: Path
) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    other = make_home("other", columns=PICTURES, task=PICTURE_TASK)
    (told,) = problems_of(other, export(read_version(home), tmp_path / "out.csv"))
    assert "export with its images, as Parquet or JSON Lines" in told


def test_a_moved_workspace_reads_its_own_images(home: Home, tmp_path: Path) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    read_version(home)
    home.ledger.close()
    home.folder.rename(tmp_path / "moved")
    from lookingglass.home import open_home

    moved = open_home(tmp_path / "moved")
    assert read_version(moved).inputs(["image"]).num_rows == 1
    moved.close()


# --- the schema -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["bytes", "addresses", "names"])
def test_size_and_colour_are_proposed_from_the_images(tmp_path: Path, way: str) -> None:
    images = [saved(pixels(at, 6, 9, 3)) for at in range(4)]
    for at, data in enumerate(images):
        (tmp_path / f"{at}.PNG").write_bytes(data)
    cells = {
        "bytes": images,
        "addresses": [data_address(data) for data in images],
        "names": [f"{at}.PNG" for at in range(4)],
    }[way]
    path = table(tmp_path, cells, "t.parquet" if way == "bytes" else "t.csv")
    config = propose_schema(path, name="small", label="label", positive="yes", kind="image")
    column = config.columns["image"]
    assert (column.role, column.type, column.size, column.channels) == (("image",), "image", (6, 9), 3)
    assert any("an image of 9 x 6 pixels, in colour" in line for line in describe_schema(config))
    with create_workspace_from_file(
        tmp_path / "ws", path, label="label", positive="yes", kind="image", actor=ANA
    ) as ws:
        assert ws.test_set().examples == 4


def test_images_of_different_sizes_propose_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, [WHOLE, saved(pixels(0, 9, 8)), b"no image"])
    with pytest.raises(ImportRejected) as caught:
        propose_schema(path, name="small", label="label", positive="yes", kind="image")
    assert [str(problem) for problem in caught.value.problems] == [
        "row 2, column image: is 8 x 9 pixels, the one in row 1 is 8 x 8: resize one of them",
        "row 3, column image: is not an image: give a PNG or JPEG",
    ]


def test_a_file_without_images_says_what_images_are(tmp_path: Path) -> None:
    path = table(tmp_path, ["a", "b"], "t.csv")
    with pytest.raises(BadInput, match="has no column of images: they are bytes"):
        propose_schema(path, name="small", label="label", positive="yes", kind="image")


def test_bytes_stay_refused_where_there_are_no_images(tmp_path: Path, file: Callable[..., Path]) -> None:
    path = table(tmp_path, [WHOLE])
    with pytest.raises(ImportRejected, match="column image: holds bytes, which cannot be read"):
        propose_schema(path, name="small", label="label", positive="no")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": None}, r"needs size = \[height, width\]"),
        ({"channels": None}, "needs size"),
        ({"type": "text"}, "go together"),
        ({"role": ("image", "group")}, "no other role"),
        ({"missing": "keep"}, "may be missing"),
        ({"size": (0, 8)}, "greater than or equal to 1"),
        ({"channels": 2}, "1 or 3"),
    ],
)
def test_a_wrong_declaration_is_told(change: dict[str, Any], words: str) -> None:
    declared = {"role": ("image",), "type": "image", "size": (8, 8), "channels": 1}
    with pytest.raises(ValueError, match=words):
        Column.model_validate({**declared, **change})


def test_a_declaration_survives_being_written() -> None:
    config = WorkspaceConfig(name="small", task=PICTURE_TASK, columns=PICTURES)
    assert parse_config(dump_config(config), "small").columns["image"] == PICTURES["image"]


def test_large_images_are_sent_to_models_a_few_at_a_time() -> None:
    """No question holds more than 16 million numbers, and one image is always sent."""
    large = Column(role=("image",), type="image", size=(1000, 1000), channels=3)
    huge = Column(role=("image",), type="image", size=(5000, 5000), channels=3)
    for column, rows in ((PICTURES["image"], 4096), (large, 5), (huge, 1)):
        config = WorkspaceConfig(name="small", task=PICTURE_TASK, columns={**PICTURES, "image": column})
        assert config.batch_rows(["image"]) == rows


def test_a_parquet_bomb_of_images_is_refused(home: Home, tmp_path: Path) -> None:
    """A repeated image takes no room in the file; its true size is counted before it is written out."""
    from lookingglass.testset import ReadLimits

    path = table(tmp_path, [saved(pixels(0, 400, 400))] * 3000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ImportRejected, match="unpacks to more than"):
        plan_import(home, path, limits=ReadLimits(decoded_bytes=100 << 20))


# --- the command line -----------------------------------------------------------------------------------------------


def test_the_command_line_makes_a_workspace_of_images_and_takes_single_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """init looks at the files beside the table; add and edit take the name of any file; a wrong one is one line."""
    from lookingglass.cli.main import main

    def run(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main([*words])
        return int(left.value.code or 0), capsys.readouterr().err

    for at in range(3):
        (tmp_path / f"{at}.png").write_bytes(saved(pixels(at)))
    (tmp_path / "large.png").write_bytes(saved(pixels(0, 28, 28)))
    data = table(tmp_path, ["0.png", "1.png"], "t.csv")
    ws = str(tmp_path / "ws")
    code, told = run(
        "init", ws, "--data", str(data), "--label", "label", "--positive", "yes", "--kind", "image"
    )
    assert code == 0
    assert "image is an image input, an image of 8 x 8 pixels, grey" in told
    code, told = run("testset", "add", ws, "--label", "yes", "--set", f"image={tmp_path / '2.png'}")
    assert (code, "Version 2" in told) == (0, True)
    code, told = run("testset", "edit", ws, "--id", "e0", "--set", f"image={tmp_path / '1.png'}")
    assert (code, "Version 3" in told) == (0, True)
    code, told = run("testset", "edit", ws, "--id", "e0", "--set", f"image={tmp_path / 'large.png'}")
    assert code == 2
    assert told.splitlines() == [
        "error: column image: is 28 x 28 pixels, the images here are 8 x 8: resize it."
    ]
    code, told = run("testset", "edit", ws, "--id", "e0", "--set", "image=none.png")
    assert (code, len(told.splitlines())) == (2, 1)
    assert "there is no image file none.png" in told


def test_several_images_are_edited_in_one_event(home: Home, tmp_path: Path) -> None:
    """A table edit takes images as every other way in does, and names each that is none."""
    from lookingglass.errors import EditsRejected
    from lookingglass.testset.table_edits import edit_many

    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    first = read_version(home).rows["image"][0]
    event = edit_many(home, {"e1": {"image": first}, "e0": {"image": saved(pixels(4))}}, actor=ANA)
    assert event is not None
    assert len(event.payload["files"]) == 1
    with pytest.raises(EditsRejected) as caught:
        edit_many(home, {"e0": {"image": b"no"}, "e1": {"image": saved(pixels(0, 9, 9))}}, actor=ANA)
    assert "is not an image" in str(caught.value)
