import Glibc

/// What the rungs of the sandbox ladder cost: the same Dockerfile built on each, in turn, every build with an empty
/// cache, all from packages that lie on this machine. Beside them, where it is installed, PRoot: the same commands in an
/// unpacked tree, against chroot(8), since it builds no images.
struct RungSuites {
    /// What is installed.
    struct Workload {
        let name: String
        /// The base's packages over a minimal system.
        let base: String
        /// One line of shell; `$ARCHIVE` is the address of the packages.
        let command: String
    }

    static let workloads = [
        Workload(
            name: "apt", base: "ca-certificates",
            command:
                "rm -f /etc/apt/sources.list.d/* && echo \"deb [trusted=yes] $ARCHIVE/debs ./\" >/etc/apt/sources.list"
                + " && apt-get -q update && apt-get -q install -y --no-install-recommends \(packages)"),
        Workload(
            name: "pip", base: "ca-certificates,libcap2-bin,attr,rsync,git,python3-pip,python3-venv",
            command:
                "python3 -m venv /opt/env && /opt/env/bin/pip install -q --no-cache-dir --no-index --trusted-host 127.0.0.1"
                + " --find-links $ARCHIVE/wheels/ \(wheels)"),
    ]
    private static let packages = "python3-pip git curl nginx-light openssh-client"
    private static let wheels = "numpy pandas requests flask jinja2 pytest"
    static let rungs = ["root", "userns", "single", "chroot"]

    static let entries = [
        SuiteEntry("rungs", .special, "the same build on each rung of the sandbox ladder") { session in
            try RungSuites(session: session, folder: session.workplace.fileSystem()).run()
        }
    ]

    let session: BenchSession
    /// On the file system of the session.
    let folder: String
    private var workplace: Workplace { session.workplace }
    /// The scripts beside the fixtures.
    private let scripts = RungSuites.fixtures

    private static let fixtures =
        "/" + #filePath.split(separator: "/").dropLast(5).joined(separator: "/") + "/Fixtures/rungs"
    private static let kept = "/var/tmp/ocibuild-tests"
    private static let port = 18_766

    /// Measures both workloads, and prints each as soon as it is known.
    func run() throws {
        try workplace.run(
            """
            set -e; cd '\(folder)'; cp '\(session.options.binary)' ocibuild; cp -r '\(scripts)' scripts
            mkdir -p archive/wheels; chmod -R a+rX ocibuild scripts
            """)
        try workplace.run(
            """
            set -e; cd '\(folder)'
            base=$('\(scripts)/make-base' \(Self.kept) \(Self.workloads[0].base))
            cp -r "$('\(scripts)/make-archive' \(Self.kept) "$base" \(Self.packages))" archive/debs
            \("'\(scripts)/make-base'") \(Self.kept) \(Self.workloads[1].base) >pip.base
            echo "$base" >apt.base
            /usr/bin/python3 -m pip download -q --only-binary :all: -d archive/wheels \(Self.wheels)
            """)
        try workplace.run(
            "cd '\(folder)/archive' && { python3 -m http.server -b 127.0.0.1 \(Self.port) >/dev/null 2>&1 & echo $! >../server; }"
        )
        defer { _ = try? workplace.run("kill $(cat '\(folder)/server')") }
        for workload in Self.workloads {
            let measurements = try measure(workload)
            print(MeasurementTable(measurements).text)
            session.record(measurements)
        }
    }

    private func measure(_ workload: Workload) throws -> [Measurement] {
        let context = "\(folder)/\(workload.name)"
        let command = workload.command.replacing("$ARCHIVE", with: "http://127.0.0.1:\(Self.port)")
        try workplace.run(
            """
            set -e; mkdir '\(context)'; cat >'\(context)/Dockerfile' <<'DOCKERFILE'
            FROM localhost/\(workload.name):1
            ENV DEBIAN_FRONTEND=noninteractive
            RUN \(command)
            DOCKERFILE
            chmod -R a+rX '\(context)'
            """)
        for rung in Self.rungs {
            let owner = ["userns": 12346, "single": 12345][rung] ?? 0
            try workplace.run("mkdir -p '\(folder)/\(rung)/home'; chown -R \(owner):\(owner) '\(folder)/\(rung)'")
            try workplace.run(
                ocibuild(
                    rung,
                    "import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "
                        + "$(cat '\(folder)/\(workload.name).base') localhost/\(workload.name):1"))
        }
        var subjects = Self.rungs.map { rung in
            (name: rung, prepare: ":", line: ocibuild(rung, "build -q --no-cache -t bench '\(context)'"))
        }
        if (try? workplace.run("command -v proot >/dev/null")) != nil {
            let tree = "\(folder)/tree"
            let prepare =
                "rm -rf '\(tree)'; mkdir '\(tree)'; tar -xf $(cat '\(folder)/\(workload.name).base') -C '\(tree)'"
            let step =
                "/usr/bin/env -i DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c '\(command)'"
            let inside = "unshare -m sh -c 'mount --rbind /proc $0/proc && exec chroot $0 \"$@\"'"
            subjects.append(("chroot(8)", prepare, "\(inside) '\(tree)' \(step) >/dev/null 2>&1"))
            subjects.append(
                (
                    "proot", prepare + "; chown -R 12345:12345 '\(tree)'",
                    "setpriv --reuid=12345 --regid=12345 --clear-groups proot -S '\(tree)' -w / \(step) >/dev/null 2>&1"
                ))
        }
        // Once before it counts: each store unpacks its base.
        for subject in subjects.prefix(Self.rungs.count) { try workplace.run(subject.line) }
        var samples = [[Sample]](repeating: [], count: subjects.count)
        for round in 0..<session.options.rounds {
            for index in Suite.order(of: subjects.indices, in: round) {
                let subject = subjects[index]
                try workplace.run(subject.prepare + "; sync")
                samples[index].append(try workplace.run(subject.line))
            }
        }
        return zip(subjects, samples).map {
            Measurement(suite: "rungs", workload: workload.name, subject: $0.name, samples: $1)
        }
    }

    private func ocibuild(_ rung: String, _ arguments: String) -> String {
        "HOME='\(folder)/\(rung)/home' '\(folder)/scripts/on-rung' \(rung) '\(folder)/ocibuild' --root '\(folder)/\(rung)/store' "
            + "\(arguments) >/dev/null 2>'\(folder)/\(rung)/log' || { tail -n 20 '\(folder)/\(rung)/log' >&2; exit 1; }"
    }
}
