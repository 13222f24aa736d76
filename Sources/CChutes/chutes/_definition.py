"""Runs a file of the user's and hands the plan of one of its images to the ``ocibuild`` that started this.

``define.py FILE MODULE ROOT ATTRIBUTE DESCRIPTOR``: the file, the module's name, the folder that its imports begin at,
the attribute (empty: the only one there is), and the number of the file descriptor that the answer is written to:
``plan`` or ``error`` on a line of its own, then JSON, for an error ``{"message": …, "hint": …, "details": […]}``.
"""

import importlib.util
import json
import os
import sys

# All that is needed later is imported now: a file beside the user's may have the name of a module.
import chutes.chute
import chutes.image
from chutes import _choice, _trouble


def main(arguments):
    """Writes the answer and ends the process."""
    file, module, root, attribute, descriptor = arguments[1:]
    descriptor = int(descriptor)
    os.set_inheritable(descriptor, False)
    # Whatever the file prints is for people; programs that it runs print there too.
    sys.argv = [file]
    sys.path[0] = os.path.abspath(root)
    try:
        kind, answer = "plan", _choice.image(_load(file, module), attribute, _shown(file, attribute)).plan()
    except _trouble.Trouble as trouble:
        kind, answer = "error", trouble.fields
    except BaseException as error:  # The file's own: whatever it is, it is told rather than raised.
        kind, answer = "error", _trouble.of(error, file).fields
    text = (kind + "\n" + json.dumps(answer, ensure_ascii=False)).encode("utf-8", "replace")
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    with os.fdopen(descriptor, "wb") as output:
        output.write(text)
    # Threads that the file started do not keep the build waiting.
    os._exit(0)


def _load(file, module):
    # The parents of a dotted name are packages, for relative imports.
    for index, character in enumerate(module):
        if character == ".":
            importlib.import_module(module[:index])
    spec = importlib.util.spec_from_file_location(module, file)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[module] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _shown(file, attribute):
    return f"{file}:{attribute}" if attribute else file
