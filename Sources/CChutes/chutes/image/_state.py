"""What a definition amounts to, without building it."""

import posixpath


def chain(image):
    """The steps of the images that this one is based on, then its own."""
    base = image.base
    return (chain(base) if base is not None and not isinstance(base, str) else ()) + image._steps


def last(image, kind):
    """The value of the last step of a kind; None where there is none."""
    for step in reversed(chain(image)):
        if step.kind == kind:
            return list(step.value) if isinstance(step.value, list) else step.value
    return None


def environment(image):
    """The variables that are set, with ``$NAME`` replaced where that was asked for."""
    result = {}
    for step in chain(image):
        if step.kind == "env":
            result[step.value["name"]] = _text(step.value["value"], result)
    return result


def labels(image):
    """The labels that are set."""
    result, variables = {}, {}
    for step in chain(image):
        if step.kind in ("env", "label"):
            into = variables if step.kind == "env" else result
            into[step.value["name"]] = _text(step.value["value"], variables)
    return result


def workdir(image):
    """The working directory; relative ones are below those before them."""
    result = None
    for step in chain(image):
        if step.kind == "workdir":
            result = posixpath.normpath(posixpath.join(result or "/", step.value))
    return result


def _text(value, variables):
    if isinstance(value, str):
        return value
    # As a Dockerfile has it, what is not known is empty; bases may know more, so it is left as it was written.
    result, rest = "", value["expand"]
    while rest:
        before, mark, rest = rest.partition("$")
        result += before
        if not mark:
            break
        braced = rest.startswith("{") and "}" in rest
        name = rest[1 : rest.index("}")] if braced else rest[: _length(rest)]
        rest = rest[len(name) + (2 if braced else 0) :]
        written = "${" + name + "}" if braced else "$" + name
        result += variables.get(name, written)
    return result


def _length(text):
    count = 0
    while count < len(text) and (text[count].isalnum() or text[count] == "_"):
        count += 1
    return count
