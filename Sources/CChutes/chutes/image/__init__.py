"""An image as an immutable value: see :class:`Image`."""

from chutes.image._build import BuildResult
from chutes.image._errors import BuildError, ImageError
from chutes.image._image import Image

__all__ = ["BuildError", "BuildResult", "Image", "ImageError"]

# Messages name them as programs import them.
for _class in (BuildError, Image, ImageError):
    _class.__module__ = __name__
