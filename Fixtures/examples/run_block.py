"""Runs one fenced Python block of a document, as it stands, and makes every image in it a name that can be built.

`EXAMPLE_BLOCK` names a file with the block, `EXAMPLE_MODE` what surrounds it, which the table states for each:

- statements: nothing but the import of Image
- method: the block is methods of `SURROUNDING`, an image that has the application which the methods speak of
- derived: the block begins with `image`, which is there already
- signature: the block is the head of a method or of the constructor, which Image's own must agree with

Each statement's image gets the name `NAME_LINE`, since documents give one name to many. A function that makes an image
is called: with the arguments below where it needs some and the block does not call it.
"""

import ast
import inspect
import os

from chutes.chute import Chute
from chutes.image import Image

#: What the text of a document says that its function is for.
CALLS = {"build_image_for_gpu": [("a100",), ("v100",), ("h100",)]}

#: What a chain of methods without a beginning is applied to.
SURROUNDING = 'Image("myuser", "fragment").from_base("debian:12").add("setup.py", "/app/").add("requirements.txt", "/")'

#: Every image of the block by its name here, and how each came to be.
images = {}
#: Ready-made images that the block names.
ready = []
#: Heads of methods that Image has.
signatures = []


def _read():
    with open(os.environ["EXAMPLE_BLOCK"], encoding="utf-8") as file:
        text = file.read()
    mode = os.environ["EXAMPLE_MODE"]
    if mode == "method":
        return f"({SURROUNDING} {text}\n)", mode
    return text, mode


def _note(name, value):
    if isinstance(value, (Image, Chute)):
        images[name] = value
        globals()[name] = value


def _agree(text):
    """Fails unless Image's method takes what the head of one in a document takes, in that order and so named."""
    if "def " not in text:
        fields = text[text.index("Image(") + len("Image(") : text.rindex(")")]
        text = f"def __init__(self,{fields})"
    head = ast.parse(text.strip() + ":\n    pass").body[0]
    wanted = [argument.arg for argument in head.args.args]
    found = inspect.signature(getattr(Image, head.name)).parameters
    names = [name for name, item in found.items() if item.kind is item.POSITIONAL_OR_KEYWORD]
    assert names[: len(wanted)] == wanted, (names, wanted)
    defaults = [ast.literal_eval(value) for value in head.args.defaults]
    assert [found[name].default for name in wanted[len(wanted) - len(defaults) :]] == defaults
    optional = [found[name] for name in names[len(wanted) :]]
    assert all(item.default is not item.empty for item in optional), optional
    rest = {inspect.Parameter.VAR_POSITIONAL: head.args.vararg, inspect.Parameter.VAR_KEYWORD: head.args.kwarg}
    for kind, wanted in rest.items():
        assert wanted is None or any(item.kind is kind for item in found.values()), head.name
    signatures.append(f"{head.name}({', '.join(str(item) for item in found.values())})")


def _run():
    text, mode = _read()
    if mode == "signature":
        _agree(text)
        return
    space = {"Image": Image, "__name__": "block"}
    if mode == "derived":
        space["image"] = Image("myuser", "myapp").from_base("python:3.11-slim")
    functions = {}
    for statement in ast.parse(text, "block").body:
        code = compile(ast.Module([statement], []), "block", "exec")
        if isinstance(statement, ast.Expr):
            value = eval(compile(ast.Expression(statement.value), "block", "eval"), space)
            _note(f"image_{statement.lineno}", value)
            if isinstance(value, str) and "/" in value:
                ready.append(value)
            continue
        exec(code, space)
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    _note(f"{target.id}_{statement.lineno}", space[target.id])
        elif isinstance(statement, ast.FunctionDef):
            functions[statement.name] = statement
    for name, statement in functions.items():
        if name.startswith("test_"):
            space[name]()
            images.setdefault(name, None)
        elif name in CALLS:
            for arguments in CALLS[name]:
                _note("_".join((name, *arguments)), space[name](*arguments))
        elif not statement.args.args and text.count(f"{name}(") == 1:
            _note(f"{name}_{statement.lineno}", space[name]())


_run()

if __name__ == "__main__":
    for _name, _image in images.items():
        if isinstance(_image, Image):
            print("image", _name, _image.reference, _image.base or "nothing")
        else:
            print("chute" if _image else "test", _name)
    for _name in ready:
        print("ready", _name)
    for _name in signatures:
        print("signature", _name)
