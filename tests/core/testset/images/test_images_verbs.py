"""Images on the command line: a workspace made from them, single ones added and edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.testset.images.pictures import pixels, saved, table


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
