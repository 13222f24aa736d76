"""compare.py STORE STORE IMAGE: what the image's own layers say differently in two stores, a line for each property."""

import fnmatch
import json
import sys
import tarfile

# What holds times, numbers drawn by chance or inode numbers: the content is left aside, nothing else.
CHANGING = [
    "var/log/*", "var/cache/apt/*pkgcache.bin", "var/cache/ldconfig/aux-cache", "etc/machine-id",
    "var/lib/dbus/machine-id", "var/lib/systemd/catalog/database", "*.pyc", "etc/ssh/ssh_host_*",
    "var/lib/systemd/random-seed",
]


def layers(store, name):
    def blob(digest):
        return store + "/blobs/sha256/" + digest.split(":")[1]

    for entry in json.load(open(store + "/index.json"))["manifests"]:
        if name in json.dumps(entry.get("annotations", {})):
            manifest = json.load(open(blob(entry["digest"])))
            return [blob(layer["digest"]) for layer in manifest["layers"]]
    raise SystemExit(f"{store} has no image {name}")


def listing(layer):
    found = {}
    with tarfile.open(layer) as tar:
        for member in tar:
            attributes = {k: v for k, v in member.pax_headers.items() if k.startswith("SCHILY.xattr.")}
            content = ""
            if member.isreg() and not any(fnmatch.fnmatch(member.name, pattern) for pattern in CHANGING):
                content = hash(tar.extractfile(member).read())
            found[member.name] = {
                "type": member.type, "mode": oct(member.mode), "owner": f"{member.uid}:{member.gid}",
                "device": (member.devmajor, member.devminor), "target": member.linkname, "attributes": attributes,
                "content": content,
            }
    return found


one, other, name = sys.argv[1:]
ours, theirs = layers(one, name), layers(other, name)
if len(ours) != len(theirs):
    print(f"{len(ours)} layers and {len(theirs)}")
for left, right in list(zip(ours, theirs))[1:]:
    left, right = listing(left), listing(right)
    for path in sorted(left.keys() | right.keys()):
        if path not in left or path not in right:
            print(path, "only on root" if path in left else "not on root")
            continue
        for key in left[path]:
            if left[path][key] != right[path][key]:
                print(path, key, left[path][key], right[path][key])
