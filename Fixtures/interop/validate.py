"""Checks JSON documents of an OCI image layout against the image specification's schemas.

usage: validate.py SCHEMAS LAYOUT

Walks the layout from index.json through every index and manifest, validates each with its configuration and
the layout's marker, and prints a line for each. Exits with 1 at the first that does not hold.
"""

import json
import pathlib
import sys

import jsonschema

KINDS = {
    "application/vnd.oci.image.index.v1+json": "image-index-schema.json",
    "application/vnd.oci.image.manifest.v1+json": "image-manifest-schema.json",
    "application/vnd.oci.image.config.v1+json": "config-schema.json",
}


class Offline(jsonschema.RefResolver):
    def resolve_remote(self, uri):
        raise LookupError(f"a schema refers to {uri}, which is not among them")


def without_ids(schema):
    """The schema with its web addresses removed, so that references are between the files beside each other."""
    if isinstance(schema, dict):
        return {key: without_ids(value) for key, value in schema.items() if key != "id" or not isinstance(value, str)}
    return [without_ids(value) for value in schema] if isinstance(schema, list) else schema


def main():
    schemas, layout = map(pathlib.Path, sys.argv[1:3])
    base = "file:///schemas/"
    store = {base + path.name: without_ids(json.loads(path.read_text())) for path in schemas.glob("*.json")}

    def check(text, kind, name):
        schema = store[base + kind]
        document = json.loads(text)
        jsonschema.Draft4Validator(schema, resolver=Offline(base + kind, schema, store=store)).validate(document)
        print(f"{kind}: {name}")
        return document

    def blob(descriptor):
        algorithm, digest = descriptor["digest"].split(":")
        return (layout / "blobs" / algorithm / digest).read_text()

    def walk(descriptor):
        kind = KINDS.get(descriptor["mediaType"])
        if kind is None:
            return
        document = check(blob(descriptor), kind, descriptor["digest"])
        for child in [*document.get("manifests", []), *filter(None, [document.get("config")])]:
            if isinstance(child, dict) and "digest" in child:
                walk(child)

    check((layout / "oci-layout").read_text(), "image-layout-schema.json", "oci-layout")
    for descriptor in check((layout / "index.json").read_text(), "image-index-schema.json", "index.json")["manifests"]:
        walk(descriptor)


main()
