"""The plan: what an image is, as JSON that ``ocibuild`` reads."""

import hashlib
import json
import re
from collections import namedtuple

#: What images begin with when nothing else was said.
DEFAULT_BASE = "nvidia/cuda:12.2.2-devel-ubuntu22.04"

#: One step: the plan's key, its value (with images where the plan has names of stages), and where it was written.
Step = namedtuple("Step", "kind value source")


def plan(image, sources=True):
    """The plan of version 1. Images that this one refers to are stages before its own."""
    stages = _Stages(sources, _references(image))
    stages.add(image)
    about = {"username": image.username, "name": image.name, "tag": image.tag}
    if image.readme is not None:
        about["readme"] = image.readme
    if image.description is not None:
        about["description"] = image.description
    result = {"version": 1, "image": about, "stages": stages.all}
    if stages.warnings:
        result["warnings"] = stages.warnings
    return result


def digest(image):
    """The digest of the plan's one spelling: sorted keys, no white space, no positions."""
    spelled = json.dumps(plan(image, sources=False), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(spelled.encode("utf-8")).hexdigest()


class _Stages:
    """The stages of a plan as they are gathered, those that others need first."""

    def __init__(self, sources, references):
        self.sources = sources
        self.all = []
        self.warnings = []
        # No stage has the name of an image that is wanted from a registry.
        self.taken = references
        # The names of stages by their content, and by the identity of images that were seen already.
        self.named = {}
        self.seen = {}

    def add(self, image):
        """Adds an image as the last stage, after those that it needs."""
        stage = self.stage(image)
        self.all.append({"name": self.free(image.name), **stage})

    def name(self, image):
        """The name of the stage that an image is; equal images are one stage."""
        if id(image) not in self.seen:
            stage = self.stage(image)
            steps = [{key: value for key, value in step.items() if key != "source"} for step in stage.get("steps", ())]
            key = json.dumps({**stage, "steps": steps}, sort_keys=True)
            if key not in self.named:
                self.named[key] = self.free(image.name)
                self.all.append({"name": self.named[key], **stage})
            self.seen[id(image)] = self.named[key]
        return self.seen[id(image)]

    def free(self, name):
        """A stage's name that is not taken: a letter comes first."""
        name = name if re.match("[a-z]", name) else "stage-" + name
        number, candidate = 2, name
        while candidate in self.taken:
            candidate, number = f"{name}-{number}", number + 1
        self.taken.add(candidate)
        return candidate

    def stage(self, image):
        """An image as a stage without a name."""
        stage = {"base": self.base(image)}
        if image._platform is not None:
            stage["platform"] = image._platform
        if image._steps:
            stage["steps"] = [self.step(step) for step in image._steps]
        return stage

    def base(self, image):
        if image._base is None:
            message = (
                f"{image.username}/{image.name} names no base, so it starts from {DEFAULT_BASE}; say fromBase "
                "(from_base in Python) to choose"
            )
            warning = {"code": "default-base", "message": message}
            if self.sources and image._steps and image._steps[0].source:
                warning["source"] = image._steps[0].source
            self.warnings.append(warning)
            return DEFAULT_BASE
        base = image._base[0]
        return base if isinstance(base, str) else {"stage": self.name(base)}

    def step(self, step):
        result = {step.kind: self.value(step)}
        if self.sources and step.source is not None:
            result["source"] = step.source
        return result

    def value(self, step):
        value = step.value
        if not isinstance(value, dict):
            return value
        if step.kind == "run" and value.keys() == {"command"}:
            return value["command"]
        value = dict(value)
        if "from" in value and not isinstance(value["from"], dict):
            value["from"] = self.name(value["from"])
        if "mounts" in value:
            value["mounts"] = [self.mount(mount) for mount in value["mounts"]]
        return value

    def mount(self, mount):
        origin = mount.get("from")
        if origin is None:
            return mount
        return {**mount, "from": {"image": origin} if isinstance(origin, str) else self.name(origin)}


def _references(image):
    """The names of images that an image, and those within it, begin with or take files from."""
    # "scratch" is the empty base, whatever the stages are called.
    found, pending, seen = {"scratch"}, [image], set()
    while pending:
        image = pending.pop()
        if id(image) in seen:
            continue
        seen.add(id(image))
        origins = [image.base]
        for step in image._steps:
            if isinstance(step.value, dict):
                origin = step.value.get("from")
                origins.append(origin["image"] if isinstance(origin, dict) else origin)
                origins += [mount.get("from") for mount in step.value.get("mounts", ())]
        found.update(origin for origin in origins if isinstance(origin, str))
        pending += [origin for origin in origins if origin is not None and not isinstance(origin, str)]
    return found
