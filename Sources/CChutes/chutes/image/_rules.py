"""The rules that the parts of an image follow. Each function returns the value as it is kept, or raises."""

import re

from chutes.image._errors import ImageError

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PYTHON = re.compile(r"[23]\.[0-9]{1,2}(\.[0-9]{1,2})?")
_PORT = re.compile(r"([0-9]+)(?:-([0-9]+))?(?:/(tcp|udp|sctp))?")
_CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}")


def text(value, what, empty=False):
    """A string without NUL; not the empty one unless ``empty``."""
    if not isinstance(value, str):
        raise ImageError(f"{what} must be a string, not {kind(value)}")
    if not value and not empty:
        raise ImageError(f"{what} is empty")
    if "\0" in value:
        raise ImageError(f"{what} contains a NUL character: {value!r}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ImageError(f"{what} is not valid Unicode text: {value!r}") from None
    return value


def kind(value):
    """How a message calls the type of a value."""
    return "None" if value is None else "a list" if isinstance(value, list) else f"{type(value).__name__} {value!r}"


def name(value, what):
    """A user's or image's name."""
    text(value, what)
    rule = None
    if len(value) > 63:
        rule = f"has {len(value)} characters; the most is 63"
    elif value[0] == "-" or value[-1] == "-":
        rule = "cannot start or end with a hyphen"
    elif not _NAME.fullmatch(value):
        rule = "must be lowercase alphanumeric with hyphens"
    if rule is None:
        return value
    nearest = re.sub(r"[^a-z0-9]+", "-", value.lower())[:63].strip("-")
    hint = f"; did you mean {nearest!r}?" if nearest and nearest != value else ""
    raise ImageError(f"{what} {value!r} {rule}{hint}")


def tag(value):
    """A version tag."""
    text(value, "tag")
    if _TAG.fullmatch(value):
        return value
    if len(value) > 128:
        raise ImageError(f"tag {value[:20]!r}… has {len(value)} characters; the most is 128")
    nearest = re.sub(r"[^A-Za-z0-9_.-]+", "-", value).lstrip(".-")
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    raise ImageError(
        f"tag {value!r} must consist of letters, digits, '_', '.' and '-', and start with none of '.' and '-'{hint}"
    )


def base(value):
    """The name of a base image."""
    text(value, "base_image")
    if any(character.isspace() for character in value):
        raise ImageError(f"base_image {value!r} contains white space; it is a name such as 'python:3.11-slim'")
    if value != value.strip("/:@"):
        raise ImageError(f"base_image {value!r} is no image name; it is a name such as 'python:3.11-slim'")
    return value


def variable(value, what):
    """The name of an environment variable or label."""
    text(value, what)
    if "=" in value or any(character.isspace() for character in value):
        raise ImageError(f"{what} {value!r} may contain neither '=' nor white space")
    return value


def value_text(value, what):
    """The value of a variable or label: text, or a number."""
    if isinstance(value, bool):
        raise ImageError(f"{what} is {value}: write the text that is meant, such as '1' or 'true'")
    if isinstance(value, (int, float)):
        return str(value)
    return text(value, what, empty=True)


def python_version(value):
    """``3.11`` or ``3.11.5``."""
    if isinstance(value, float):
        raise ImageError(f"version {value} is a number, which cannot tell 3.1 from 3.10: write it in quotes, '3.11'")
    if not _PYTHON.fullmatch(text(value, "version")):
        raise ImageError(f"version {value!r} is none of Python's: write '3.11' or '3.11.5'")
    return value


def port(value):
    """A port as it is kept: ``8000/tcp``."""
    spelled = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    found = _PORT.fullmatch(text(spelled, "port"))
    if not found:
        raise ImageError(f"port {value!r} is none: write 8000, '8000/udp' or '8000-8010'")
    numbers = [int(number) for number in found.group(1, 2) if number is not None]
    if any(not 0 < number < 65536 for number in numbers):
        raise ImageError(f"port {value!r} is not between 1 and 65535")
    if numbers != sorted(numbers):
        raise ImageError(f"port {value!r}: the range ends before it begins")
    return f"{'-'.join(map(str, numbers))}/{found.group(3) or 'tcp'}"


def words(value, what):
    """The words of a command in the exec form."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise ImageError(f"{what} must be a list of strings, not {kind(value)}")
    return [text(word, f"{what}[{index}]", empty=index > 0) for index, word in enumerate(value)]


def checksum(value):
    """``sha256:`` and 64 hexadecimal digits."""
    if not _CHECKSUM.fullmatch(text(value, "checksum")):
        raise ImageError(f"checksum {value!r} must be 'sha256:' and 64 hexadecimal digits")
    return value


def duration(value, what):
    """A duration as it is kept, ``1m30s``; a number means seconds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value}s"
    if not re.fullmatch(r"([0-9]+(\.[0-9]+)?(h|m|s|ms|us|µs|ns))+", text(value, what)):
        raise ImageError(f"{what} {value!r} is no duration: write '30s', '1m30s', or a number of seconds")
    return value
