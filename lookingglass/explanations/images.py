"""Images for LIME: a fixed grid of regions, the same for every image of a column; hidden ones get the ground's colour.

LIME's own image explainer does the weighing; only the making of the variations is ours, since LIME's asks the model
ten images at a time and prints a progress bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.explanations.asked import Answers, Key, ModelAsked
from lookingglass.explanations.background import Background, background_of
from lookingglass.explanations.local import Floats, Local, Watched
from lookingglass.explanations.result import Modality, Weight
from lookingglass.home import Home
from lookingglass.memo import BoundedCache
from lookingglass.testset.images import picture_of, pixels_of, png_of

if TYPE_CHECKING:
    import pyarrow as pa

    Pixels = NDArray[np.uint8]

REGIONS = 8
"""So many regions down and across at most, and none smaller than 2 by 2 pixels: an image of 8 x 8 has 4 x 4."""

SMALLEST = 2
KERNEL_WIDTH = 0.25
MOST_NUMBERS = 1 << 32
"""So many pixel values are sent to the model for one run at most; of large images fewer variations are drawn."""

_grounds: BoundedCache[NDArray[np.uint8]] = BoundedCache(16)


class ImageTask:
    """One image.

    Args:
        name: the text that names it in its cell.
        png: its bytes.
    """

    modality: Modality = "image"

    def __init__(self, column: str, name: str, png: bytes, background: Background, asked: ModelAsked) -> None:
        self._asked, self._column = asked, column
        self.inputs: Mapping[str, Any] = {column: name}
        self.pixels = pixels_of(png)
        self.segments = segments_of(self.pixels.shape[0], self.pixels.shape[1])
        self.ground = _ground(background, column, self.pixels)
        self.grid: tuple[int, int] | None = grid_of(self.pixels.shape[0], self.pixels.shape[1])
        self.notes: tuple[str, ...] = ()
        self.features = tuple(
            Weight(
                f"row {number // self.grid[1] + 1}, column {number % self.grid[1] + 1}",
                0.0,
                column,
                number,
                box=_box(self.segments, number),
            )
            for number in range(self.grid[0] * self.grid[1])
        )

    @property
    def most_samples(self) -> int:
        """More variations than this would be more pixels than are sent for one run."""
        return MOST_NUMBERS // self.pixels.size

    def original(self) -> Answers:
        """Return the answer for the image as it is, shape (classes,)."""
        answers: Answers = self.predict(np.ones((1, len(self.features)), dtype=np.int64))[0]
        return answers

    def run(self, seed: int, samples: int, kernel_width: float | None) -> Local:
        """Explain with a fresh LIME image explainer on the fixed grid."""
        watched = Watched(self._asked)

        def predict(shown: NDArray[np.int64]) -> Answers:
            watched.answers = self.predict(shown)
            return watched.answers

        explainer = explainer_of(KERNEL_WIDTH if kernel_width is None else kernel_width, seed)
        explained = explainer.explain_instance(
            np.atleast_3d(self.pixels),
            predict,
            labels=(watched.positive,),
            top_labels=None,
            hide_color=0,  # the ground is put in by ``hidden``
            num_features=len(self.features),
            num_samples=samples,
            segmentation_fn=lambda _image: self.segments,
            random_seed=0,  # of a segmentation that draws none; otherwise LIME would take one from its random state
        )
        return watched.local(explained, len(self.features))

    def predict(self, shown: NDArray[np.int64]) -> Answers:
        """Return the answers for variations, shape (n, classes).

        Args:
            shown: 1 for a region that is shown and 0 for a hidden one, shape (n, regions).
        """
        keys = [row.tobytes() for row in shown.astype(np.uint8)]
        return self._asked.ask(keys, self._rows)

    def scores(self, answers: Answers) -> Answers:
        """Return P(positive) of answers, shape (n,)."""
        column: Answers = answers[:, self._asked.positive]
        return column

    def hidden(self, shown: NDArray[Any]) -> Pixels:
        """Return the image with the regions hidden that ``shown`` has 0 for."""
        covered: Pixels = self.pixels.copy()
        covered[~shown.astype(bool)[self.segments]] = self.ground
        return covered

    def _rows(self, variations: Sequence[Key]) -> pa.Table:
        import pyarrow as pa

        images = [
            picture_of(self.hidden(np.frombuffer(key, dtype=np.uint8))).png
            for key in variations
            if isinstance(key, bytes)
        ]
        return pa.table({self._column: pa.array(images, pa.binary())})


def grid_of(height: int, width: int) -> tuple[int, int]:
    """Return how many regions an image of this size has down and across."""
    down, across = (max(1, min(REGIONS, size // SMALLEST)) for size in (height, width))
    return down, across


def segments_of(height: int, width: int) -> NDArray[np.int64]:
    """Return the region of each pixel, counted row by row from 0; shape (height, width)."""
    down, across = grid_of(height, width)
    rows = np.arange(height) * down // height
    columns = np.arange(width) * across // width
    return (rows[:, None] * across + columns[None, :]).astype(np.int64)


def painted_out(home: Home, column: str, png: bytes, boxes: Iterable[tuple[int, int, int, int]]) -> bytes:
    """Return an image as PNG with regions in the colour that hides them in explanations: scored as it is there.

    Args:
        boxes: (top, left, bottom, right) in pixels, the last two exclusive.
    """
    painted = pixels_of(png).copy()
    ground = _ground(background_of(home), column, painted)
    for top, left, bottom, right in boxes:
        painted[top:bottom, left:right] = ground
    return png_of(painted)


def _ground(background: Background, column: str, pixels: Pixels) -> NDArray[np.uint8]:
    return _grounds.get((background.name, column), lambda: ground_of(background.images(column), pixels))


def ground_of(images: Sequence[Pixels], image: Pixels) -> NDArray[np.uint8]:
    """Return the colour that hides a region: the median of what lies at the images' edges, a channel each.

    Args:
        images: of the background; ``image`` itself where there are none.
    """
    channels = [np.median(_edge(one), axis=0) for one in ([*images] or [image])]
    ground: NDArray[np.uint8] = np.rint(np.median(np.array(channels), axis=0)).astype(np.uint8)
    return ground


def _edge(image: Pixels) -> Pixels:
    """Return the outermost pixels of an image, shape (n,) or (n, 3)."""
    return np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])


def explainer_of(kernel_width: float, seed: int) -> Any:
    """Return LIME's image explainer that hands the predict function rows of shown and hidden regions, all at once."""
    from lime.lime_image import LimeImageExplainer

    class Explainer(LimeImageExplainer):  # type: ignore[misc] # lime has no types
        """Draws as LIME does, and leaves it to the predict function to make the images."""

        def data_labels(
            self,
            image: Pixels,
            fudged_image: Pixels,
            segments: NDArray[np.int64],
            classifier_fn: Callable[[NDArray[np.int64]], Answers],
            num_samples: int,
            batch_size: int = 10,
        ) -> tuple[NDArray[np.int64], Floats]:
            """Return which regions are shown in each variation, and the answers."""
            regions = len(np.unique(segments))
            data = self.random_state.randint(0, 2, num_samples * regions).reshape((num_samples, regions))
            data[0, :] = 1
            return data, classifier_fn(data)

    return Explainer(
        kernel_width=kernel_width, feature_selection="none", random_state=np.random.RandomState(seed)
    )


def _box(segments: NDArray[np.int64], number: int) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(segments == number)
    return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1
