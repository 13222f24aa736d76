"""What is said when a file cannot be read as a definition."""

import os
import sys
import traceback

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

# Modules that have another name where they are installed from.
_PACKAGES = {"PIL": "pillow", "cv2": "opencv-python", "dotenv": "python-dotenv", "sklearn": "scikit-learn", "yaml": "pyyaml"}


class Trouble(Exception):
    """A message, what to do about it, and lines to show before both."""

    def __init__(self, message, hint=None, details=()):
        super().__init__(message)
        self.fields = {"message": message, "hint": hint, "details": list(details)}


def of(error, file):
    """The trouble that an exception of the user's file is."""
    name = type(error).__name__
    if isinstance(error, SystemExit):
        status = 0 if error.code is None else error.code
        return Trouble(
            f"{file} ended the program (sys.exit({status!r})) before its image was known",
            'put what ends it under: if __name__ == "__main__":',
            _frames(error),
        )
    hint = None
    if isinstance(error, ModuleNotFoundError):
        hint = _install(error.name or "")
    elif isinstance(error, EOFError):
        hint = "a definition cannot ask: it has no standard input; take settings from environment variables (os.environ)"
    elif isinstance(error, KeyboardInterrupt):
        return Trouble(f"{file} was interrupted", None, _frames(error))
    lines = traceback.format_exception_only(type(error), error)
    if isinstance(error, SyntaxError):
        return Trouble(f"{file} is not valid Python", f"this is Python {sys.version.split()[0]}", _lines(lines))
    return Trouble(f"{file} raised {name}", hint, _frames(error) + _lines(lines))


def _install(module):
    top = module.partition(".")[0]
    if top == "chutes":
        return f"the bundled package has chutes.image and chutes.chute (Chute, NodeSelector), but not {module}"
    return (
        f"the definition runs with {sys.executable}: install the module there ({sys.executable} -m pip install "
        f"{_PACKAGES.get(top, top)}), or let OCIBUILD_PYTHON name a Python that has it"
    )


def _frames(error):
    """The traceback, its frames in this package and in Python's import machinery left out."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen") and not os.path.abspath(frame.filename).startswith(_HERE)
    ]
    if not frames:
        return []
    # Endless recursion is as clear from its two ends.
    shown = traceback.format_list(frames[:12] + frames[-12:] if len(frames) > 24 else frames)
    return ["Traceback (most recent call last):", *_lines(shown)]


def _lines(texts):
    return [line for text in texts for line in text.rstrip("\n").split("\n")]
