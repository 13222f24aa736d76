"""Where in the user's program a step was written."""

import os
import sys

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def caller():
    """``{"file": …, "line": …}`` of the nearest frame outside this package; None where there is none."""
    frame = sys._getframe(1)
    while frame is not None and os.path.abspath(frame.f_code.co_filename).startswith(_HERE):
        frame = frame.f_back
    if frame is None:
        return None
    return {"file": shown(frame.f_code.co_filename), "line": frame.f_lineno}


def shown(path):
    """A path as a person would name it: relative where it is below the current folder."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        return path
    return relative if os.path.isabs(path) and not relative.startswith("..") else path
