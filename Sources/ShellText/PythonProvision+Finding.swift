extension PythonProvision {
    /// What every attempt uses, and the first attempt: the base image's own Python.
    static let opening = #"""
        set -u
        prefix=/opt/python
        mirror=${OCIBUILD_PYTHON_MIRROR:-https://github.com/astral-sh/python-build-standalone/releases/latest/download}
        source=${OCIBUILD_PYTHON_SOURCE:-https://www.python.org/ftp/python}
        export LC_ALL=C DEBIAN_FRONTEND=noninteractive PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
        export PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
        unset PYTHONHOME PYTHONPATH
        work=$(mktemp -d 2>/dev/null) || { work=/tmp/python.$$; mkdir -p "$work"; }
        tried=
        fetcher=
        say() { printf 'python %s: %s\n' "$want" "$*"; }
        failed() { tried="$tried
          $1: $2"; say "$1: $2"; return 1; }
        have() { command -v "$1" >/dev/null 2>&1; }
        shown() { case "$1" in *://*@*) printf '%s' "${1%%://*}://${1#*@}" ;; *) printf '%s' "$1" ;; esac; }
        why() { sed -n '/./p' "$work/why" 2>/dev/null | tail -n 1; }
        version_of() { v=$("$1" --version 2>&1) || return 1; v=${v#Python }; printf '%s' "${v%+}"; }
        matches() { case "$1" in *[!0-9.]*) return 1 ;; "$want" | "$want".*) return 0 ;; *) return 1 ;; esac; }
        newest() { n=; for i in $1; do case "$i" in '' | *[!0-9]*) ;; *) [ -z "$n" ] || [ "$i" -gt "$n" ] && n=$i ;; esac; done; printf '%s' "$n"; }

        complete() {
            for pair in "python3 python$minor" "python python3" "pip3 pip$minor" "pip pip3"; do
                name=${pair% *}
                [ -e "$prefix/bin/$name" ] || [ ! -e "$prefix/bin/${pair#* }" ] || ln -s "${pair#* }" "$prefix/bin/$name"
            done
            version=$(version_of "$prefix/bin/python" 2>/dev/null) || version=
            [ -n "$version" ] && matches "$version" || { broken="it says '$version'"; return 1; }
            "$prefix/bin/python" -m pip --version >/dev/null 2>&1 || "$prefix/bin/python" -m ensurepip >/dev/null 2>&1
            "$prefix/bin/python" -m pip --version >/dev/null 2>&1 || { broken='it has no pip'; return 1; }
            for name in pip pip3; do
                [ -e "$prefix/bin/$name" ] && continue
                printf '#!/bin/sh\nexec %s -m pip "$@"\n' "$prefix/bin/python" >"$prefix/bin/$name"
                chmod 755 "$prefix/bin/$name"
            done
            rm -f "$prefix/lib/python$minor/EXTERNALLY-MANAGED"
        }
        took() { want=$version say "$*"; }
        environment() {
            rm -rf "$prefix"
            "$1" -m venv $2 "$prefix" >"$work/why" 2>&1 || { broken="its module venv fails: $(sed -n '/./p' "$work/why" | head -n 1)"; rm -rf "$prefix"; return 1; }
            complete || { rm -rf "$prefix"; return 1; }
        }

        from_base() {
            others=
            for name in "$prefix/bin/python" "python$minor" python3 python; do
                path=$(command -v "$name" 2>/dev/null) && version=$(version_of "$path") || continue
                matches "$version" || { others="$others, $name is $version"; continue; }
                if [ "$path" = "$prefix/bin/python" ]; then
                    complete && took "in the base image, at $prefix" && return 0
                    continue
                fi
                managed=$("$path" -c 'import os, sysconfig
        print(os.path.exists(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")))' 2>/dev/null)
                if [ "$managed" = False ] && "$path" -m pip --version >/dev/null 2>&1; then
                    rm -rf "$prefix"
                    mkdir -p "$prefix/bin"
                    for link in python python3 "python$minor"; do ln -s "$path" "$prefix/bin/$link"; done
                    complete && took "in the base image, $path" && return 0
                    rm -rf "$prefix"
                elif environment "$path" --system-site-packages; then
                    took "in the base image, $path; a virtual environment of it is at $prefix"
                    return 0
                fi
                others="$others, $path cannot be used: $broken"
            done
            failed 'base image' "no Python $want${others}"
        }

        """#

    /// The second attempt: the package manager.
    static let packages = #"""
        manager() { for m in apt-get apk dnf microdnf yum; do have $m && { printf $m; return; }; done; }
        refresh() {
            [ -z "${refreshed:-}" ] || return 0
            ls /var/lib/apt/lists/*_* >/dev/null 2>&1 && lists=kept || lists=
            apt-get -qq update 2>"$work/why" || return 1
            refreshed=yes
        }
        install() {
            case $(manager) in
                apt-get) refresh && apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@" >"$work/why" 2>&1 ;;
                apk) apk -q add --no-cache "$@" >"$work/why" 2>&1 ;;
                dnf | microdnf | yum) $(manager) -y install "$@" >"$work/why" 2>&1 ;;
                *) echo 'no package manager' >"$work/why"; return 1 ;;
            esac
        }
        from_packages() {
            m=$(manager)
            names=python$minor
            case $m in
                apt-get)
                    refresh || { failed apt "apt-get update failed: $(why)"; return 1; }
                    offer=$(apt-cache policy "python$minor" | sed -n 's/^ *Candidate: *//p')
                    extra="python$minor-venv" ;;
                apk)
                    names=python3
                    offer=$(apk --no-cache policy python3 2>/dev/null | sed -n 's/^  *\([0-9][^:]*\):$/\1/p' | head -n 1)
                    extra=py3-pip ;;
                dnf | microdnf | yum)
                    offer=$($m -q repoquery --qf '%{version}\n' "python$minor" 2>/dev/null | sed -n '/^[0-9]/p' | tail -n 1)
                    extra="python$minor-pip"
                    if [ -z "$offer" ]; then
                        offer=$($m -q repoquery --qf '%{version}\n' python3 2>/dev/null | sed -n '/^[0-9]/p' | tail -n 1)
                        names=python3 extra=python3-pip
                    fi ;;
                *) failed 'package manager' 'none of apt, apk and dnf is here'; return 1 ;;
            esac
            offer=${offer#*:}
            offer=${offer%%[-+]*}
            matches "$offer" || { failed "$m" "has no $names of version $want${offer:+ (it has $offer)}"; return 1; }
            install $names $extra || install $names || { failed "$m" "could not install $names: $(why)"; return 1; }
            have "python$minor" && path=$(command -v "python$minor") || path=$(command -v python3)
            version=$(version_of "$path") && matches "$version" || { failed "$m" "$names is $version after all"; return 1; }
            environment "$path" '' || { failed "$m" "$names is installed, but $broken"; return 1; }
            took "from $m, package $names; a virtual environment of it is at $prefix"
        }

        """#

    /// The attempts, in order, and what is said when all of them fail.
    static let closing = #"""
        status=0
        from_base || from_packages || from_mirror || from_source || {
            status=1
            printf 'error: Python %s cannot be made available here. Tried:%s\n' "$want" "$tried"
            printf 'Use a base image that has it (python:%s-slim), another version, or another mirror (--python-mirror URL).\n' "$want"
        } >&2
        [ "${refreshed:-}" != yes ] || [ "$lists" = kept ] || rm -rf /var/lib/apt/lists/*
        [ "${refreshed:-}" != yes ] || apt-get clean
        rm -rf "$work"
        exit $status

        """#
}
