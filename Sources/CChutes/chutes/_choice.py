"""Which image of a file is meant."""

import difflib
import inspect

from chutes._trouble import Trouble
from chutes.chute import Chute
from chutes.image import Image


def image(module, attribute, shown):
    """The image that ``attribute`` of the module is, has, or returns; without one, the only image there is."""
    names = candidates(module)
    if not attribute:
        return _only(module, names, shown)
    value = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            raise _missing(part, value, names, shown)
        value = getattr(value, part)
    return _image(value, attribute, names, shown)


def candidates(module):
    """The names of the module's images, of what has one, and of functions that say they return one."""
    found = [name for name, value in vars(module).items() if isinstance(value, (Image, Chute)) and name[0] != "_"]
    return found + [name for name, value in vars(module).items() if _returns_image(value, module)]


def _returns_image(value, module):
    if not inspect.isfunction(value) or value.__module__ != module.__name__ or _needs(value):
        return False
    return value.__annotations__.get("return") in (Image, "Image", Chute, "Chute")


def _needs(function):
    """The arguments that a function cannot be called without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [item.name for item in parameters if item.default is item.empty and item.kind not in kinds]


def _only(module, names, shown):
    different = {}
    for name in names:
        value = getattr(module, name)
        value = value.image if isinstance(value, Chute) and isinstance(value.image, Image) else value
        different.setdefault(id(value), name)
    if len(different) == 1:
        return _image(getattr(module, next(iter(different.values()))), next(iter(different.values())), names, shown)
    if not names:
        raise Trouble(f"{shown} defines no image", "assign an Image or a Chute to a variable of the file")
    raise Trouble(f"{shown} defines several images", f"say which: {_choices(names, shown)}")


def _missing(part, value, names, shown):
    near = difflib.get_close_matches(part, [*names, *getattr(value, "__dict__", ())], 1)
    question = f"; did you mean {near[0]!r}?" if near else ""
    file = shown.rpartition(":")[0]
    has = f"its images: {_choices(names, file)}" if names else "the file defines no image"
    return Trouble(f"{file} has no attribute {part!r}{question}", has)


def _image(value, attribute, names, shown):
    if isinstance(value, Chute):
        if isinstance(value.image, str):
            raise _ready(value.image, f"the image of {shown}")
        if not isinstance(value.image, Image):
            raise Trouble(f"the image of {shown} is {_kind(value.image)}", "a chute's image is an Image or a name")
        return value.image
    if isinstance(value, Image):
        return value
    if isinstance(value, str):
        raise _ready(value, shown)
    if callable(value) and not inspect.isclass(value):
        needed = _needs(value)
        if needed:
            raise Trouble(
                f"{shown} is a function that needs arguments: {', '.join(needed)}",
                f"assign what it returns to a variable of the file, and name that: image = {attribute}(…)",
            )
        result = value()
        if isinstance(result, (Image, Chute, str)):
            return _image(result, attribute, names, shown)
        raise Trouble(f"{shown}() returns {_kind(result)}, not an Image", "it must return an Image or a Chute")
    others = [name for name in names if name != attribute]
    hint = f"its images: {_choices(others, shown.rpartition(':')[0])}" if others else "the file defines no image"
    raise Trouble(f"{shown} is {_kind(value)}, not an Image or a Chute", hint)


def _ready(name, shown):
    return Trouble(f"{shown} is the ready-made image {name!r}: there is nothing to build", f"ocibuild pull {name}")


def _kind(value):
    if value is None:
        return "None"
    if inspect.isclass(value):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _choices(names, file):
    shown = [f"{file}:{name}" for name in names[:20]]
    return ", ".join(shown + (["…"] if len(names) > 20 else []))
