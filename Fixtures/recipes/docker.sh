#!/bin/sh
# Plain Docker: a container without privileges, in which a user who is not root builds with real owners.
# Sandbox: userns
#
# seccomp.json allows user namespaces and mounts inside of them; Docker's AppArmor profile, where there is one, forbids
# mounts, so it is put aside; systempaths=unconfined lets steps have a /proc of their own. Without these three options
# `docker run --user root` gives the rung "chroot", and another user none at all.
set -eu
docker run --rm --user build \
    --security-opt seccomp="$(dirname "$0")/seccomp.json" \
    --security-opt apparmor=unconfined \
    --security-opt systempaths=unconfined \
    --env IMAGE="$1" \
    --volume ocibuild-store:/home/build/.local/share/ocibuild \
    --volume "$PWD:/work:ro" --workdir /work \
    registry.example/ocibuild:1 sh -euc '
ocibuild doctor
ocibuild build --min-isolation userns -t "$IMAGE" --push .
'
