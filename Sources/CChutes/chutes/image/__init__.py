"""An image as an immutable value: see :class:`Image`."""

from chutes.image._build import BuildResult
from chutes.image._errors import BuildError, ImageError
from chutes.image._image import Image

__all__ = ["BuildError", "BuildResult", "Image", "ImageError"]
