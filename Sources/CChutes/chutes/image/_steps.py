"""The values of steps, as the plan has them. Other images may stand in them, where a plan has a stage's name."""

import os
import re

from chutes.image import _rules
from chutes.image._errors import ImageError

#: How the newlines of a command are read.
NEWLINES = ("auto", "literal", "folded")

# The flags of ``RUN --mount`` by the plan's spelling, and others that mean the same.
_MOUNT_KEYS = {
    "type": "type", "target": "target", "dst": "target", "destination": "target", "source": "source", "src": "source",
    "from": "from", "from_": "from", "id": "id", "readonly": "readonly", "ro": "readonly", "sharing": "sharing",
    "uid": "uid", "gid": "gid", "mode": "mode", "size": "size", "required": "required", "env": "env",
}  # fmt: skip
_MOUNT_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")


def run(command, newlines, user, network, mounts, script=False):
    """A ``run`` step; ``command`` is text for the shell, or a list of words without one."""
    value = {}
    if isinstance(command, str):
        value["command"] = _rules.text(command, "command")
        if not command.strip():
            raise ImageError("command has nothing but white space in it")
    else:
        value["arguments"] = _rules.words(command, "command")
        if not value["arguments"]:
            raise ImageError("command is an empty list")
    if newlines not in NEWLINES:
        raise ImageError(f"newlines is {newlines!r}; it must be one of {', '.join(map(repr, NEWLINES))}")
    if newlines != "literal" and "command" in value:
        value["newlines"] = newlines
    if script:
        value["script"] = True
    if user is not None:
        value["user"] = _user(user)
    if network is not None:
        if network not in ("none", "default"):
            raise ImageError(f"network is {network!r}; it must be 'none' or 'default'")
        value["network"] = network
    if mounts:
        value["mounts"] = [mount(item) for item in ([mounts] if isinstance(mounts, (str, dict)) else mounts)]
    return value


def mount(item):
    """One mount: a dict, or text as after ``RUN --mount=``."""
    if isinstance(item, str):
        pairs = [part.partition("=") for part in item.split(",")]
        item = {key.strip(): (text if mark else True) for key, mark, text in pairs}
    if not isinstance(item, dict):
        raise ImageError(f"a mount must be a dict or text such as 'type=cache,target=/root/.cache', not {item!r}")
    value = {}
    for key, setting in item.items():
        if key in ("rw", "readwrite"):
            value["readonly"] = not _truth(setting, key)
            continue
        if key not in _MOUNT_KEYS:
            raise ImageError(f"a mount has no setting {key!r}; there are {', '.join(sorted(set(_MOUNT_KEYS.values())))}")
        key = _MOUNT_KEYS[key]
        if key in ("readonly", "required"):
            setting = _truth(setting, key)
        elif key in ("uid", "gid") and isinstance(setting, str) and setting.isdigit():
            setting = int(setting)
        value[key] = setting
    value.setdefault("type", "bind")
    if value["type"] not in _MOUNT_TYPES:
        raise ImageError(f"a mount cannot be of type {value['type']!r}; there are {', '.join(_MOUNT_TYPES)}")
    return value


def copy(arguments, settings, remote):
    """A ``copy`` or ``add`` step; the second result says which.

    ``settings`` are the keyword arguments of the method; ``remote`` whether sources may be addresses and archives.
    """
    settings = dict(settings)
    origin = settings.pop("from_", None)
    origin = settings.pop("from", origin)
    sources = [_rules.text(source, "source") for source in paths(arguments[:-1])]
    sources += [_rules.text(source, "source") for source in paths(settings.pop("source", None))]
    destination = settings.pop("destination", settings.pop("dest", None))
    if destination is None and arguments:
        destination = arguments[-1]
    elif arguments:
        sources = [_rules.text(source, "source") for source in paths(arguments)] + sources
    if not sources or destination is None:
        raise ImageError('a source and a destination are needed: add("requirements.txt", "/app/requirements.txt")')
    value = {"sources": sources, "destination": _rules.text(*paths(destination), "destination")}
    if origin is not None:
        value["from"] = origin
    for key, kept, rule in (
        ("chown", "owner", _user), ("chmod", "mode", _mode), ("exclude", "exclude", _patterns),
    ):  # fmt: skip
        setting = settings.pop(key, None)
        if setting is not None:
            value[kept] = rule(setting)
    if remote:
        _remote(settings, value)
    # Upstream's: the folder that sources are in; ours is always the build's context.
    settings.pop("build_dir", None)
    if settings:
        known = "from_, chown, chmod, exclude" + (", checksum, keep_git_dir" if remote else "")
        raise ImageError(f"unknown option {next(iter(settings))!r}; there are {known}")
    return value, "copy" if not remote or origin is not None else "add"


def healthcheck(command, interval, timeout, start_period, start_interval, retries):
    """A ``healthcheck`` step."""
    if command is None or command == "none":
        return "none"
    value = {"command": command if isinstance(command, str) else _rules.words(command, "command")}
    if not value["command"]:
        raise ImageError("command is empty; None turns a base's health check off")
    for key, setting in (
        ("interval", interval), ("timeout", timeout), ("startPeriod", start_period), ("startInterval", start_interval),
    ):  # fmt: skip
        if setting is not None:
            value[key] = _rules.duration(setting, key)
    if retries is not None:
        if not isinstance(retries, int) or isinstance(retries, bool) or retries < 1:
            raise ImageError(f"retries must be a number from 1, not {retries!r}")
        value["retries"] = retries
    return value


def user(value):
    """A user as it is kept: ``appuser``, ``1000:1000``; a number is one too."""
    return _user(value)


def _user(value):
    spelled = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    _rules.text(spelled, "user")
    if any(character.isspace() for character in spelled) or spelled.count(":") > 1 or spelled.startswith(":"):
        raise ImageError(f"user {value!r} must be a name or number, with a group as in '1000:1000' or 'app:staff'")
    return spelled


def _mode(value):
    if isinstance(value, int):
        raise ImageError(f"chmod is the number {value}: write it in quotes, as the chmod command has it: '755'")
    return _rules.text(value, "chmod")


def _patterns(value):
    return [_rules.text(pattern, "exclude") for pattern in paths(value)]


def _remote(settings, value):
    checksum = settings.pop("checksum", None)
    if checksum is not None:
        value["checksum"] = _rules.checksum(checksum)
    keep = settings.pop("keep_git_dir", None)
    if keep:
        value["keepGitDir"] = True


def paths(value):
    """One value, or the values of lists in lists; paths as text."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [item for element in value for item in paths(element)]
    return [os.fspath(value) if isinstance(value, os.PathLike) else value]


def _truth(setting, key):
    if isinstance(setting, bool):
        return setting
    if setting in ("true", "1", "false", "0"):
        return setting in ("true", "1")
    raise ImageError(f"{key} is {setting!r}; it must be true or false")


def apt_install(packages):
    """The command that installs Debian packages, and leaves no package lists behind."""
    words = " ".join(map(_word, packages))
    return f"apt-get update && apt-get install -y --no-install-recommends {words} && rm -rf /var/lib/apt/lists/*"


def apt_remove(packages):
    """The command that removes Debian packages, and what only they needed."""
    return f"apt-get remove -y {' '.join(map(_word, packages))} && apt-get autoremove -y"


def _word(text):
    """A word for the shell, in quotes where the shell would read it otherwise."""
    if re.fullmatch(r"[0-9A-Za-z+\-.:=_~/@%,]+", text):
        return text
    quoted = text.replace("'", "'\\''")
    return f"'{quoted}'"
