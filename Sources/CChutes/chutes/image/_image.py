"""The image value."""

import json
import uuid

from chutes.image import _build, _plan, _rules, _source, _state, _steps
from chutes.image._errors import ImageError


class Image:
    """How an image is made: a name, a base, and steps.

    A value: every method returns a new image and leaves this one as it is, so images can be derived from one another
    by functions, loops and conditions. Nothing is built until it is asked for::

        image = (
            Image("myuser", "text-analyzer", "1.0")
            .from_base("python:3.11-slim")
            .add("requirements.txt", "/tmp/requirements.txt")
            .run_command("pip install -r /tmp/requirements.txt")
        )
        print(image.build().digest)

    ``username`` and ``name`` are of lowercase letters, digits and hyphens, with no hyphen at either end, and at most
    63 characters long. ``readme`` (Markdown) and ``description`` become annotations of the image.
    """

    __slots__ = ("username", "name", "tag", "readme", "description", "_base", "_platform", "_steps")

    def __init__(self, username, name, tag="latest", readme=None, description=None):
        self._fill(
            username=_rules.name(username, "username"),
            name=_rules.name(name, "name"),
            tag=_rules.tag(tag),
            readme=None if readme is None else _rules.text(readme, "readme", empty=True),
            description=None if description is None else _rules.text(description, "description", empty=True),
            _base=None,
            _platform=None,
            _steps=(),
        )

    # The base.

    def from_base(self, base_image, platform=None):
        """The image to begin with: a name, ``"scratch"``, or another :class:`Image`. The last call counts."""
        base = base_image if isinstance(base_image, Image) else _rules.base(base_image)
        platform = self._platform if platform is None else _rules.text(platform, "platform")
        return self._with(_base=(base, _source.caller()), _platform=platform)

    # Commands.

    def run_command(self, command, newlines="auto", user=None, network=None, mounts=()):
        """Run a command in the shell.

        In ``command``, lines are joined where a newline would make a syntax error or an empty installation; all else
        is left alone. ``newlines`` may be ``"literal"`` (a script, as it stands) or ``"folded"`` (every newline is a
        space). ``user`` runs this one command as another user.
        """
        return self._step("run", _steps.run(command, newlines, user, network, mounts))

    def run_script(self, script, user=None, network=None, mounts=()):
        """Run the lines of a script; the first that fails ends it."""
        return self._step("run", _steps.run(script, "literal", user, network, mounts, script=True))

    def run(self, *command, newlines="literal", user=None, network=None, mounts=()):
        """Run a command as it stands: text for the shell, or several words (or a list) without one.

        ``mounts`` are those of ``RUN --mount``, each a dict or its text: ``"type=cache,target=/root/.cache/pip"``.
        """
        one = len(command) == 1
        return self._step("run", _steps.run(command[0] if one else command, newlines, user, network, mounts))

    def apt_install(self, packages, *more):
        """Install Debian packages: one name, several in a string, or a list."""
        return self._step("run", {"command": _steps.apt_install(_packages(packages, more))})

    def apt_remove(self, packages, *more):
        """Remove Debian packages, and what they alone needed."""
        return self._step("run", {"command": _steps.apt_remove(_packages(packages, more))})

    def with_python(self, version):
        """Make this version of Python available as ``python``, ``python3`` and ``pip``."""
        return self._step("python", _rules.python_version(version))

    # Files.

    def add(self, *args, **kwargs):
        """Add files: ``add(source, …, destination)``.

        Sources are files and folders of the build context, wildcards, archives (unpacked), and addresses; with
        ``from_`` (another :class:`Image`, or an image's name) they are taken from that image instead. A relative
        destination is below the working directory. Also ``chown``, ``chmod``, ``exclude``, ``checksum`` and
        ``keep_git_dir``.
        """
        value, kind = _steps.copy(args, kwargs, remote=True)
        return self._step(kind, self._origin(value))

    def copy_file(self, *args, **kwargs):
        """Copy files as they are, neither fetched nor unpacked: ``copy_file(source, …, destination)``."""
        value, kind = _steps.copy(args, kwargs, remote=False)
        return self._step(kind, self._origin(value))

    # Configuration.

    def with_env(self, key, value, expand=False):
        """Set an environment variable to this very text; with ``expand``, ``$NAME`` in it stands for a variable."""
        return self._step("env", self._pair(_rules.variable(key, "key"), value, expand))

    def with_label(self, key, value, expand=False):
        """Add a label."""
        return self._step("label", self._pair(_rules.variable(key, "key"), value, expand))

    def set_workdir(self, directory):
        """The working directory of what follows, and of the container."""
        return self._step("workdir", _rules.text(*_steps.paths(directory), "directory"))

    def set_user(self, user):
        """The user of the commands that follow, and of the container: ``"appuser"``, ``"1000:1000"``."""
        return self._step("user", _steps.user(user))

    def with_entrypoint(self, entrypoint, *more):
        """The program that the container is: a list of words. One string alone is for the shell."""
        return self._step("entrypoint", _command(entrypoint, more, "entrypoint"))

    def with_cmd(self, cmd, *more):
        """The default command, or arguments of the entrypoint: a list of words. One string alone is for the shell."""
        return self._step("cmd", _command(cmd, more, "cmd"))

    def expose_port(self, port):
        """Say that the container listens on a port: ``8000`` or ``"53/udp"``."""
        return self._step("expose", _rules.port(port))

    def with_volume(self, path):
        """Say that a folder's content outlives the container."""
        return self._step("volume", _rules.text(*_steps.paths(path), "path"))

    def with_stop_signal(self, signal):
        """The signal that ends the container."""
        return self._step("stopSignal", _rules.text(str(signal), "signal"))

    def with_shell(self, shell):
        """The shell of the commands that follow, as a list: ``["/bin/bash", "-c"]``."""
        return self._step("shell", _rules.words(shell, "shell"))

    def with_healthcheck(
        self, command, interval=None, timeout=None, start_period=None, start_interval=None, retries=None
    ):
        """How to tell that the container works; None for not at all. Durations are ``"30s"`` or seconds."""
        return self._step(
            "healthcheck", _steps.healthcheck(command, interval, timeout, start_period, start_interval, retries)
        )

    def with_maintainer(self, maintainer):
        """Who maintains the image."""
        return self._step("maintainer", _rules.text(maintainer, "maintainer"))

    # The documents use both spellings.
    with_workdir = set_workdir
    with_user = set_user

    def renamed(self, name=None, tag=None, username=None):
        """The same image under another name, tag or user."""
        return self._with(
            name=self.name if name is None else _rules.name(name, "name"),
            tag=self.tag if tag is None else _rules.tag(tag),
            username=self.username if username is None else _rules.name(username, "username"),
        )

    # What it is, without building it.

    @property
    def reference(self):
        """``username/name:tag``."""
        return f"{self.username}/{self.name}:{self.tag}"

    @property
    def uid(self):
        """An id that depends on the names alone."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.reference))

    @property
    def base(self):
        """The base image's name, an :class:`Image`, or None."""
        return self._base[0] if self._base else None

    @property
    def steps(self):
        """The steps, each as a dict with its kind as the key."""
        return [{step.kind: step.value} for step in self._steps]

    @property
    def env(self):
        """The variables that the definition sets, those of a base that is itself an :class:`Image` included."""
        return _state.environment(self)

    @property
    def labels(self):
        """The labels that the definition sets."""
        return _state.labels(self)

    @property
    def user(self):
        """The user that the definition ends with; None where it sets none."""
        return _state.last(self, "user")

    @property
    def workdir(self):
        """The working directory that the definition ends with; None where it sets none."""
        return _state.workdir(self)

    @property
    def entrypoint(self):
        """The entrypoint; None where the definition sets none."""
        return _state.last(self, "entrypoint")

    @property
    def cmd(self):
        """The command; None where the definition sets none."""
        return _state.last(self, "cmd")

    def plan(self):
        """The plan that ``ocibuild build --plan`` reads, version 1, as a dict."""
        return _plan.plan(self)

    def plan_json(self):
        """The plan as JSON."""
        return json.dumps(self.plan(), indent=2, ensure_ascii=False)

    @property
    def plan_digest(self):
        """The SHA-256 of what the plan says, wherever in a file it was said."""
        return _plan.digest(self)

    # Building it.

    def dockerfile(self):
        """The Dockerfile that the image stands for. Needs ``ocibuild``."""
        return _build.dockerfile(self)

    def build(self, context=".", **options):
        """Build it with ``ocibuild`` and return a :class:`BuildResult`.

        ``context`` is the folder that files are added from. Options are those of ``ocibuild build`` with underscores:
        ``build(no_cache=True, platform="linux/arm64", tag=["a:1", "b:1"])``. Raises :class:`BuildError`.
        """
        return _build.build(self, context, options)

    def push(self, context=".", **options):
        """Build it, which is quick where it was built before, and push it under its name (or those of ``tag``)."""
        return _build.build(self, context, {**options, "push": True})

    # The value.

    def __repr__(self):
        base = "" if self._base is None else f", from {getattr(self.base, 'reference', self.base)}"
        return f"<Image {self.reference}{base}, {len(self._steps)} steps>"

    def __eq__(self, other):
        return _plan.plan(self, sources=False) == _plan.plan(other, sources=False) if isinstance(other, Image) else False

    def __hash__(self):
        return hash((self.username, self.name, self.tag, len(self._steps)))

    def __setattr__(self, key, value):
        raise AttributeError(
            f"{key!r} cannot be set: an Image never changes, its methods return another; renamed() gives it a name"
        )

    def __delattr__(self, key):
        self.__setattr__(key, None)

    def __reduce__(self):
        return (_restore, ({key: getattr(self, key) for key in self.__slots__},))

    def _fill(self, **fields):
        for key, value in fields.items():
            object.__setattr__(self, key, value)

    def _with(self, **changes):
        other = object.__new__(type(self))
        other._fill(**{key: getattr(self, key) for key in Image.__slots__})
        other._fill(**changes)
        return other

    def _step(self, kind, value):
        return self._with(_steps=self._steps + (_plan.Step(kind, value, _source.caller()),))

    @staticmethod
    def _pair(name, value, expand):
        value = _rules.value_text(value, f"the value of {name}")
        return {"name": name, "value": {"expand": value} if expand else value}

    @staticmethod
    def _origin(value):
        origin = value.get("from")
        if origin is not None and not isinstance(origin, Image):
            value["from"] = {"image": _rules.base(origin)}
        return value


def _restore(fields):
    image = object.__new__(Image)
    image._fill(**fields)
    return image


def _packages(packages, more):
    names = [name for item in _steps.paths([packages, *more]) for name in _rules.text(item, "packages").split()]
    if not names:
        raise ImageError("packages is empty")
    return names


def _command(first, more, what):
    if more or not isinstance(first, str):
        return _rules.words([first, *more] if isinstance(first, str) else first, what)
    return _rules.text(first, what)
