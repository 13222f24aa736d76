import LinuxSystem
import OCIBuild
import OCIContent
import OCISpec
import ShellText
import TestSupport
import Testing

/// `withPython`: each of its ways in turn, and what it says when one of them is closed.
@Suite("A Python of the version that was asked for")
struct PythonTests {
    /// A mirror of interpreters and one of sources, made of stand-ins, and a base whose tools are busybox's.
    private final class Mirrors: Sendable {
        let workshop: Workshop
        let server: FileServer
        let isolation: BuildOptions.IsolationChoice

        init(isolation: BuildOptions.IsolationChoice = .auto) async throws {
            self.isolation = isolation
            workshop = try await Workshop()
            let folder = workshop.scratch.path / "www"
            let outcome = try ChildProcess.run(["/bin/sh", "-ec", Self.script, "sh", folder.description])
            try #require(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
            server = try FileServer(folder)
        }

        /// Interpreters that say their version and know of pip, for two C libraries and two kinds of machine; the newest
        /// release is only there for another one. And a source whose make is one line of shell.
        static let script = #"""
            mkdir -p "$1/mirror" "$1/bad" "$1/source"; cd "$1"
            interpreter() {
                printf '#!/bin/sh\ncase "$*" in --version) echo "Python %s" ;; "-m pip --version") echo pip ;; *urllib*) exit 1 ;;\n' "$1"
                printf '*) echo "%s runs $*" ;; esac\n' "$1"
            }
            archive() {
                rm -rf tree; mkdir -p tree/python/bin
                interpreter "$1" >tree/python/bin/python3.11; chmod 755 tree/python/bin/python3.11
                ln -s python3.11 tree/python/bin/python3; ln -s pip3 tree/python/bin/pip3.11
                printf '#!/bin/sh\necho "pip of %s: $*"\n' "$1" >tree/python/bin/pip3; chmod 755 tree/python/bin/pip3
                tar -C tree -czf "mirror/cpython-$1+20240814-$2-install_only.tar.gz" python
            }
            machine=$(uname -m)
            for version in 3.11.8 3.11.10 3.11.9; do archive $version "$machine-unknown-linux-gnu"; done
            archive 3.11.3 "$machine-unknown-linux-musl"
            archive 3.11.99 pdp11-unknown-linux-gnu
            archive 3.11.98rc1 "$machine-unknown-linux-gnu"
            (cd mirror; sha256sum *.gz >SHA256SUMS)
            cp mirror/* bad/; for file in bad/cpython-3.11.10*; do echo more >>"$file"; done
            mkdir -p source/3.11.2 source/3.11.12 source/3.11.13 source/3.12.1 tree/Python-3.11.12
            cd tree/Python-3.11.12
            printf '#!/bin/sh\nfor a; do case "$a" in --prefix=*) echo "${a#*=}" >prefix ;; esac; done\n' >configure
            interpreter 3.11.12 >interpreter; chmod 755 configure interpreter
            cd ..; tar -czf ../source/3.11.12/Python-3.11.12.tgz Python-3.11.12
            """#

        /// What a base needs of busybox beyond the workshop's, and a make that knows one thing.
        static let tools = #"""
            FROM base AS tools
            RUN for a in tar gzip wget mktemp tail sed sha256sum uname nproc cp mv chown grep cut ls which; do [ -e /bin/$a ] || ln -s busybox /bin/$a; done
            RUN printf '#!/bin/sh\n[ "$1" = install ] || exit 0\np=$(cat prefix)/bin; mkdir -p $p; cp interpreter $p/python3.11\n' > /bin/make; chmod 755 /bin/make

            """#

        func build(
            _ version: String, before: String = "",
            after: String = "RUN python --version; python3 --version; pip list\n",
            mirror: String? = "mirror", source: String? = "source"
        ) async throws -> Recording {
            var options = BuildOptions()
            options.isolation = isolation
            let host = server.address.split(separator: "/").last ?? ""
            options.pythonMirror = mirror.map { "http://user:secret@\(host)/\($0)" } ?? "http://127.0.0.1:1/closed"
            options.pythonSource = source.map { "\(server.address)/\($0)" } ?? "http://127.0.0.1:1/closed"
            let script = try PythonProvision(version).script
            return try await workshop.record(
                "\(Self.tools)\(before)RUN <<'PYTHON'\n\(script)PYTHON\nENV PATH=\(PythonProvision.path)\n\(after)",
                options: options)
        }

        /// What a build that fails says.
        func failure(_ version: String, mirror: String?, source: String?) async throws -> String {
            let error = await #expect(throws: StepError.self) {
                _ = try await self.build(version, mirror: mirror, source: source)
            }
            let failure = try #require(error?.cause as? BuildFailure)
            #expect(failure.status == 1)
            return String(decoding: failure.output, as: UTF8.self)
        }
    }

    @Test(
        "prebuilt: the newest release of a minor version, for this machine, its checksum verified",
        arguments: Workshop.rungs)
    func prebuilt(isolation: BuildOptions.IsolationChoice) async throws {
        let mirrors = try await Mirrors(isolation: isolation)
        let newest = try await mirrors.build("3.11")
        #expect(newest.output.contains("python 3.11: base image: no Python 3.11\n"))
        #expect(newest.output.contains("python 3.11: package manager: none of apt, apk and dnf is here\n"))
        #expect(
            newest.output.contains("python 3.11.10: prebuilt from \(mirrors.server.address)/mirror/cpython-3.11.10+"))
        #expect(newest.output.contains("install_only.tar.gz, sha256 verified\n"))
        #expect(newest.output.hasSuffix("Python 3.11.10\nPython 3.11.10\npip of 3.11.10: list\n"))
        // The mirror's address, and what may be secret in it, is in no output and not in the image.
        #expect(!newest.output.contains("secret"))
        let details = try await mirrors.workshop.details(newest.image)
        #expect(details.config.config.env.contains("PATH=/opt/python/bin:/bin"))
        #expect(!"\(details)".contains("secret"))
        let tree = try await mirrors.workshop.tree(newest.image)
        #expect(try DirectoryListing.entries(at: tree / "tmp").isEmpty)
        #expect(try await mirrors.build("3.11", mirror: "elsewhere").done == [])
        #expect(
            try await mirrors.build("3.11.9").output.hasSuffix("Python 3.11.9\nPython 3.11.9\npip of 3.11.9: list\n"))
    }

    @Test("as a step of an image value, whoever its user is")
    func ofAnImageValue() async throws {
        let mirrors = try await Mirrors()
        var options = BuildOptions(tags: [try Reference(parsing: "tools")])
        _ = try await mirrors.workshop.build("\(Mirrors.tools)", options: options)
        options.tags = []
        options.pythonMirror = "\(mirrors.server.address)/mirror"
        let image = try Image(username: "me", name: "app").fromBase("tools").setUser("app").withPython("3.11")
            .run("id -u; python --version")
        let events = EventLog()
        let built = try await mirrors.workshop.builder.build(
            .image(image), context: mirrors.workshop.context.string, options: options
        ) { events.add($0) }
        let recording = Recording(image: built, events: events.all)
        #expect(recording.output.hasSuffix("1000\nPython 3.11.10\n"))
        #expect(recording.output.contains("python 3.11.10: prebuilt from"))
        let config = try await mirrors.workshop.details(built).config.config
        #expect(config.user == "app")
        #expect(config.env.contains("PATH=/opt/python/bin:/bin"))
    }

    @Test("prebuilt: the C library is the base's own")
    func musl() async throws {
        let mirrors = try await Mirrors()
        let recording = try await mirrors.build("3.11", before: "RUN mkdir -p /lib && touch /lib/ld-musl-x86_64.so.1\n")
        #expect(recording.output.contains("python 3.11.3: prebuilt from"))
        #expect(recording.output.contains("-unknown-linux-musl-install_only.tar.gz, sha256 verified\n"))
    }

    @Test("an archive that is not what its checksum says is refused, and the source is compiled instead")
    func altered() async throws {
        let mirrors = try await Mirrors()
        let recording = try await mirrors.build(
            "3.11", after: "RUN python --version; python3 --version; pip --version\n", mirror: "bad")
        #expect(recording.output.contains(" has sha256 "))
        #expect(recording.output.contains(": it was altered or cut on its way\n"))
        // Its newest release has no archive yet.
        #expect(recording.output.contains("compiling Python-3.11.12.tgz (sha256 "))
        #expect(
            recording.output.contains(
                "python 3.11.12: compiled from \(mirrors.server.address)/source/3.11.12/Python-3.11.12.tgz\n"))
        #expect(recording.output.hasSuffix("Python 3.11.12\nPython 3.11.12\npip\n"))
    }

    @Test("a version that is nowhere: an error that tells each attempt and what to do")
    func nowhere() async throws {
        let mirrors = try await Mirrors()
        let text = try await mirrors.failure("3.99", mirror: "mirror", source: "source")
        #expect(text.contains("error: Python 3.99 cannot be made available here. Tried:\n"))
        #expect(text.contains("  base image: no Python 3.99\n  package manager: none of apt, apk and dnf is here\n"))
        #expect(text.contains("  mirror: \(mirrors.server.address)/mirror has no Python 3.99 for "))
        #expect(text.contains("  source: \(mirrors.server.address)/source has no archive of Python 3.99\n"))
        #expect(text.contains("--python-mirror URL"))
        let release = try await mirrors.failure("3.11.4", mirror: "missing", source: nil)
        #expect(release.contains("/missing/SHA256SUMS: ") && release.contains("404"))
        #expect(release.contains("  source: http://127.0.0.1:1/closed has no archive of Python 3.11.4 ("))
    }

    @Test("the base image's own is taken where it is of that version, and left where it is")
    func ofTheBase() async throws {
        let mirrors = try await Mirrors()
        func interpreter(_ version: String, managed: String) -> String {
            "RUN printf '#!/bin/sh\\ncase \"$*\" in --version) echo Python \(version) ;; *urllib*) exit 1 ;; -c*) echo \(managed) ;; -m?pip*) echo pip of base ;; -m?venv*) mkdir -p /opt/python/bin; cp $0 /opt/python/bin/python ;; esac\\n' > /bin/python3; chmod 755 /bin/python3\n"
        }
        let after = "RUN python --version; pip --version; readlink /opt/python/bin/python || true\n"
        let links = "RUN ln -s busybox /bin/readlink\n"
        let plain = try await mirrors.build(
            "3.11", before: links + interpreter("3.11.4", managed: "False"), after: after)
        #expect(plain.output.contains("python 3.11.4: in the base image, /bin/python3\n"))
        #expect(plain.output.hasSuffix("Python 3.11.4\npip of base\n/bin/python3\n"))
        // A distribution's own, that refuses `pip install`, is seen through a virtual environment.
        let managed = try await mirrors.build(
            "3.11.4", before: links + interpreter("3.11.4", managed: "True"), after: after)
        #expect(
            managed.output.contains("in the base image, /bin/python3; a virtual environment of it is at /opt/python\n"))
        #expect(managed.output.hasSuffix("Python 3.11.4\npip of base\n"))
        // Another version does not do, nor one that is not released.
        for version in ["3.1.1", "3.10.4", "3.11.0rc1", "3.110.1"] {
            let other = try await mirrors.build("3.11", before: interpreter(version, managed: "False"))
            #expect(other.output.contains("base image: no Python 3.11, python3 is \(version)\n"))
            #expect(other.output.contains("python 3.11.10: prebuilt"))
        }
    }

    @Test("asked for twice, the second version stands; the same again is found")
    func twice() async throws {
        let mirrors = try await Mirrors()
        let first = try await mirrors.build("3.11.8", after: "")
        try await mirrors.workshop.builder.store.tag(
            first.image.manifest, as: Reference(parsing: "first").withDefaultTag())
        let again = try await mirrors.build("3.11", before: "FROM first\n")
        #expect(again.output.contains("python 3.11.8: in the base image, at /opt/python\n"))
        let other = try await mirrors.build("3.11.9", before: "FROM first\n")
        #expect(other.output.contains("base image: no Python 3.11.9, /opt/python/bin/python is 3.11.8"))
        #expect(other.output.hasSuffix("Python 3.11.9\nPython 3.11.9\npip of 3.11.9: list\n"))
    }

    @Test("Debian: from its packages, with a pip that installs")
    func debian() async throws {
        let mirrors = try await Mirrors()
        _ = try await mirrors.workshop.builder.importTree(
            DebianBase.archive().description, as: Reference(parsing: "debian"), changes: [])
        // What each release of Debian calls python3.
        let release = try mirrors.workshop.shell(". /etc/os-release; echo $VERSION_ID").prefix { $0 != "\n" }
        let version = try #require(
            ["12": "3.11", "13": "3.13"][release], "the Python of Debian \(release) is to be added here")
        try mirrors.workshop.write("wheel.py", Self.wheel)
        let recording = try await mirrors.build(
            version, before: "FROM debian\n",
            after: """
                RUN python --version && python3 -c 'import ssl, sqlite3, ctypes; print("libraries")' && pip --version
                COPY wheel.py /
                RUN python /wheel.py && pip install --no-index /tmp/here-1-py3-none-any.whl && python -c 'import here'
                RUN ls /var/lib/apt/lists | grep _ || echo no lists

                """)
        #expect(
            recording.output.contains(
                "from apt-get, package python\(version); a virtual environment of it is at /opt/python\n"))
        #expect(recording.output.contains("\nPython \(version)."))
        #expect(recording.output.contains("\nlibraries\n"))
        // PEP 668 forbids this to the distribution's own Python.
        #expect(recording.output.contains("\nit is here\n"))
        #expect(recording.output.hasSuffix("no lists\n"))
        #expect(
            recording.output.contains(" from /opt/python/lib/python\(version)/site-packages/pip (python \(version))\n"))
    }

    /// Writes a package that can be installed without a network.
    private static let wheel = """
        import zipfile
        with zipfile.ZipFile("/tmp/here-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("here.py", "print('it is here')")
            wheel.writestr("here-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: here\\nVersion: 1\\n")
            wheel.writestr("here-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
            wheel.writestr("here-1.dist-info/RECORD", "here.py,,\\nhere-1.dist-info/RECORD,,\\n")

        """
}
