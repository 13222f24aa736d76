"""Images as Python values, built without Docker.

``chutes.image`` has :class:`~chutes.image.Image`; ``chutes.chute`` has as much of a chute as a file of one needs to
be read. Nothing here needs more than Python 3.9 and, to build, the ``ocibuild`` command.
"""

__version__ = "0.1.0"
