"""Has ``ocibuild`` build an image."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple

from chutes.image._errors import BuildError, ImageError

#: What was built: the manifest's digest, the configuration's (Docker's image id), and the names it got.
BuildResult = namedtuple("BuildResult", "digest id tags")


def dockerfile(image):
    """The text of the Dockerfile."""
    return _run(["plan", "--format", "dockerfile", "--plan", "-"], image, shown=False)


def build(image, context, options):
    """Builds, and returns what was built."""
    with tempfile.TemporaryDirectory(prefix="ocibuild-") as folder:
        report = os.path.join(folder, "report.json")
        words = ["build", "--plan", "-", "--metadata-file", report, *_flags(options), "--", os.fspath(context)]
        _run(words, image, shown=not (options.get("quiet") or options.get("q")))
        with open(report, encoding="utf-8") as file:
            found = json.load(file)
    names = found.get("image.name")
    return BuildResult(
        found["containerimage.digest"], found["containerimage.config.digest"], names.split(",") if names else []
    )


def program():
    """The command: what ``OCIBUILD`` names, else ``ocibuild`` on the PATH."""
    named = os.environ.get("OCIBUILD")
    found = shutil.which(named or "ocibuild")
    if found is None:
        what = f"OCIBUILD names {named!r}, which is no program" if named else "there is no ocibuild on the PATH"
        raise BuildError(f"{what}; install ocibuild, or let the environment variable OCIBUILD name it")
    return found


def _flags(options):
    """Keyword arguments as the command's options."""
    words = []
    for key, value in options.items():
        flag = "-" + key if len(key) == 1 else "--" + key.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(flag)
        elif isinstance(value, dict):
            for name, text in value.items():
                words += [flag, name if text is None else f"{name}={text}"]
        elif isinstance(value, (list, tuple)):
            for item in value:
                words += [flag, str(item)]
        elif isinstance(value, (str, int, float, os.PathLike)):
            words += [flag, str(value)]
        else:
            raise ImageError(f"the option {key} cannot be {value!r}")
    return words


def _run(words, image, shown):
    """Runs the command with the plan on its standard input, shows its progress, and returns its output."""
    log = []
    with tempfile.TemporaryFile() as output, subprocess.Popen(
        [program(), *words], stdin=subprocess.PIPE, stdout=output, stderr=subprocess.PIPE
    ) as process:
        # The command reads the whole plan before it says anything, so neither pipe can block the other.
        try:
            process.stdin.write(image.plan_json().encode("utf-8"))
            process.stdin.close()
        except BrokenPipeError:
            pass
        for line in process.stderr:
            log.append(line.decode("utf-8", "replace"))
            if shown:
                sys.stderr.write(log[-1])
                sys.stderr.flush()
        status = process.wait()
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if status != 0:
        raise BuildError(f"ocibuild {words[0]} of {image.reference} ended with status {status}:", status, "".join(log))
    return said
