"""Reads a Python definition for `ocibuild build file.py:image`; see chutes/_definition.py, which does the work."""

import sys

if sys.version_info < (3, 9):
    sys.stderr.write(
        "ocibuild: a definition in Python needs Python 3.9 or newer, and %s is %s; let OCIBUILD_PYTHON name another\n"
        % (sys.executable, sys.version.split()[0])
    )
    sys.exit(3)

from chutes import _definition  # noqa: E402

_definition.main(sys.argv)
