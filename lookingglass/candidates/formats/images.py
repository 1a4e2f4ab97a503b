"""Images on their way to a model, inside the worker: PNG bytes into one array. Knows nothing of formats."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from lookingglass.candidates.formats.base import AnswerRefused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def holds_images(values: NDArray[Any]) -> bool:
    """Whether a column of a question holds images: an object array of bytes."""
    return values.dtype == object and len(values) > 0 and isinstance(values[0], bytes)


def decoded(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return PNG images as uint8, shape (n, height, width) for grey or (n, height, width, 3) for colour.

    Raises:
        AnswerRefused: they are of different sizes.
    """
    import numpy as np
    from PIL import PngImagePlugin

    arrays = [np.asarray(PngImagePlugin.PngImageFile(io.BytesIO(value))) for value in values]
    if len({array.shape for array in arrays}) > 1:
        raise AnswerRefused("was given images of different sizes")
    return np.stack(arrays).astype(np.uint8)
