extension PythonProvision {
    /// Downloads, digests and archives, with whatever tools the image has.
    static let download = #"""
        choose_fetcher() {
            [ -z "$fetcher" ] || return 0
            if have curl; then fetcher=curl
            elif have wget && wget --version 2>/dev/null | grep -q GNU; then fetcher=wget
            elif have python3 && python3 -c 'import ssl, urllib.request' 2>/dev/null; then fetcher=python3
            elif have wget; then fetcher=busybox
            elif install curl ca-certificates && have curl; then fetcher=curl
            else echo 'there is no curl, wget or python3 to download with, and no package manager that has curl' >"$work/why"; return 1
            fi
        }
        fetch() {
            choose_fetcher || return 1
            case $fetcher in
                curl) curl -fsSL --retry 2 --connect-timeout 30 -o "$2" "$1" 2>"$work/why" ;;
                wget) wget -nv ${SSL_CERT_FILE:+"--ca-certificate=$SSL_CERT_FILE"} -O "$2" "$1" 2>"$work/why" ;;
                python3) python3 -c 'import shutil, sys, urllib.request
        with urllib.request.urlopen(sys.argv[1], timeout=60) as r, open(sys.argv[2], "wb") as f: shutil.copyfileobj(r, f)' "$1" "$2" 2>"$work/why" ;;
                busybox)
                    wget -q -O "$2" "$1" 2>"$work/why" || return 1
                    # A wget that takes any certificate has proved nothing about what it brought.
                    if grep -q 'certificate validation not implemented' "$work/why"; then
                        rm -f "$2"
                        install curl ca-certificates && have curl || {
                            echo 'this wget does not check certificates, and curl cannot be installed' >"$work/why"; return 1; }
                        fetcher=curl
                        fetch "$1" "$2"
                    fi ;;
            esac
        }
        digest() {
            if have sha256sum; then d=$(sha256sum <"$1") && printf '%s' "${d%% *}"
            elif have openssl; then d=$(openssl dgst -sha256 <"$1") && printf '%s' "${d##* }"
            else python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
            fi
        }
        unpack() {
            have tar && have gzip || install tar gzip || return 1
            rm -rf "$work/tree"
            mkdir "$work/tree" && gzip -dc "$1" 2>"$work/why" | tar -xf - -C "$work/tree" 2>"$work/why"
        }

        """#

    /// The third attempt, a prebuilt interpreter, and the fourth, its source.
    static let builds = #"""
        from_mirror() {
            case $(uname -m) in
                x86_64 | amd64) machine=x86_64 abi= ;;
                aarch64 | arm64) machine=aarch64 abi= ;;
                armv7l | armv8l) machine=armv7 abi=eabihf ;;
                *) machine=$(uname -m) abi= ;;
            esac
            libc=gnu
            for loader in /lib/ld-musl-*; do [ ! -e "$loader" ] || libc=musl; done
            triple=$machine-unknown-linux-$libc$abi
            from=$(shown "$mirror")
            fetch "$mirror/SHA256SUMS" "$work/sums" || { failed mirror "$from/SHA256SUMS: $(why)"; return 1; }
            patches= archive= sum=
            while read -r hash name; do
                name=${name#\*}
                case "$name" in cpython-"$minor".*+*-"$triple"-install_only.tar.gz) ;; *) continue ;; esac
                v=${name#cpython-}
                matches "${v%%+*}" || continue
                v=${v%%+*}
                patches="$patches ${v##*.}"
                [ "$(newest "$patches")" = "${v##*.}" ] && archive=$name sum=$hash
            done <"$work/sums"
            [ -n "$archive" ] || { failed mirror "$from has no Python $want for $triple"; return 1; }
            escaped=${archive%%+*}%2B${archive#*+}
            fetch "$mirror/$escaped" "$work/archive" || { failed mirror "$from/$archive: $(why)"; return 1; }
            actual=$(digest "$work/archive") || { failed mirror 'no sha256sum, openssl or python3 to verify a download with'; return 1; }
            [ "$actual" = "$sum" ] || {
                failed mirror "$archive has sha256 $actual, and SHA256SUMS says $sum: it was altered or cut on its way"; return 1; }
            unpack "$work/archive" && [ -x "$work/tree/python/bin/python$minor" ] || { failed mirror "$archive cannot be unpacked: $(why)"; return 1; }
            rm -rf "$prefix"
            mkdir -p "${prefix%/*}" && cp -a "$work/tree/python" "$prefix" && chown -R 0:0 "$prefix"
            complete || { rm -rf "$prefix"; failed mirror "$archive does not run here: $broken"; return 1; }
            took "prebuilt from $from/$archive, sha256 verified"
        }

        from_source() {
            from=$(shown "$source")
            if [ "$want" = "$minor" ]; then
                fetch "$source/" "$work/index" || { failed source "$from/: $(why)"; return 1; }
                patches=$(sed -n "s/.*href=\"\(.*\/\)*$minor\.\([0-9][0-9]*\)\/*\".*/\2/p" "$work/index")
            else
                patches=${want##*.}
            fi
            got=
            for attempt in 1 2 3; do
                patch=$(newest "$patches")
                [ -n "$patch" ] || break
                # A release that is only announced has a folder and no archive yet.
                archive=Python-$minor.$patch.tgz
                fetch "$source/$minor.$patch/$archive" "$work/archive" && { got=yes; break; }
                rest=
                for p in $patches; do [ "$p" = "$patch" ] || rest="$rest $p"; done
                patches=$rest
            done
            [ -n "$got" ] || { failed source "$from has no archive of Python $want${archive:+ ($(why))}"; return 1; }
            case $(manager) in
                apt-get) install build-essential libssl-dev zlib1g-dev libbz2-dev libreadline-dev libsqlite3-dev libffi-dev liblzma-dev uuid-dev libncurses-dev ;;
                apk) install build-base openssl-dev zlib-dev bzip2-dev readline-dev sqlite-dev libffi-dev xz-dev util-linux-dev ncurses-dev linux-headers ;;
                dnf | microdnf | yum) install gcc make openssl-devel zlib-devel bzip2-devel readline-devel sqlite-devel libffi-devel xz-devel ;;
                *) true ;;
            esac || { failed source "the compiler and libraries cannot be installed: $(why)"; return 1; }
            have make || { failed source 'there is no make, and no package manager to install a compiler with'; return 1; }
            unpack "$work/archive" || { failed source "$archive cannot be unpacked: $(why)"; return 1; }
            rm -rf "$prefix"
            say "compiling $archive (sha256 $(digest "$work/archive")); this takes minutes"
            (
                cd "$work/tree/Python-$minor.$patch" && ./configure --prefix="$prefix" --with-ensurepip=install \
                    && make -j "$(nproc 2>/dev/null || echo 1)" && make install
            ) >"$work/why" 2>&1 || { tail -n 15 "$work/why"; rm -rf "$prefix"; failed source "$archive cannot be compiled: $(why)"; return 1; }
            complete || { rm -rf "$prefix"; failed source "$archive was compiled, but $broken"; return 1; }
            took "compiled from $from/$minor.$patch/$archive"
        }

        """#
}
