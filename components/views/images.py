"""Images on the screen, as ``lookingglass.testset.thumbnails`` makes them for pages and files alike."""

from lookingglass.testset.thumbnails import SIDE, image_tag, thumbnail

__all__ = ["SIDE", "image_tag", "thumbnail"]
