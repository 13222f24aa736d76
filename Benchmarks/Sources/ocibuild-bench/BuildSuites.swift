import Glibc

/// Whole builds of the same Dockerfile by `ocibuild` and by `buildah bud`, each on its own store, both on a file system
/// made for this: on one that has just deleted much, creating files can be ten times slower for minutes.
struct BuildSuites {
    /// One kind of build.
    struct Scenario {
        let name: String
        /// Makes the folder `context`.
        let context: String
        /// Before each timed build: what must differ from the last one.
        var change = ":"
        /// True: each timed build begins with an empty cache.
        var isCold = false
    }

    let workplace: Workplace
    /// The binary to measure.
    let binary: String

    /// Files of about 1.5 kB each in folders of 200.
    private static func manyFiles(_ count: Int) -> String {
        """
        awk 'BEGIN { srand(1); for (i = 0; i < \(count); i++) { d = "context/d" int(i / 200); if (i % 200 == 0) system("mkdir -p " d);
        f = d "/f" i; n = 5 + int(rand() * 60); for (j = 0; j < n; j++) printf "%d:%d:%f\\n", i, j, rand() > f; close(f) } }'
        """
    }

    static let scenarios = [
        Scenario(
            name: "unchanged",
            context:
                "echo a > context/a; printf 'FROM bench-base\\nCOPY a /a\\nRUN echo hi > /b\\n' > context/Dockerfile"),
        Scenario(
            name: "one file changed",
            context:
                "echo a > context/a; printf 'FROM bench-base\\nCOPY a /a\\nRUN echo hi > /b\\n' > context/Dockerfile",
            change: "date +%s%N > context/a"),
        Scenario(
            name: "40 RUN steps",
            context:
                "{ echo FROM bench-base; for i in $(seq 40); do echo \"RUN echo $i > /f$i\"; done; } > context/Dockerfile",
            isCold: true),
        Scenario(
            name: "50,000 files, cold",
            context: manyFiles(50_000) + "; printf 'FROM bench-base\\nCOPY . /d\\n' > context/Dockerfile", isCold: true),
        Scenario(
            name: "50,000 files, unchanged",
            context: manyFiles(50_000) + "; printf 'FROM bench-base\\nCOPY . /d\\n' > context/Dockerfile"),
        Scenario(
            name: "1 GiB file, cold",
            context:
                "tar -C / -cf - usr 2>/dev/null | head -c 1073741824 > context/big; printf 'FROM bench-base\\nCOPY big /big\\n' > context/Dockerfile",
            isCold: true),
    ]

    /// Measures every scenario, and prints a line for each as soon as it is known.
    func run(rounds: Int) throws -> [BuildReport] {
        try mountFileSystem()
        defer { try? workplace.run("umount '\(workplace.path)/fs'") }
        try makeBase()
        print("whole builds: median seconds of \(rounds) interleaved rounds\n" + BuildReport.heading)
        return try Self.scenarios.map { scenario in
            let report = try measure(scenario, rounds: rounds)
            print(report.line)
            return report
        }
    }

    private var folder: String { "\(workplace.path)/fs" }

    private func mountFileSystem() throws {
        try workplace.run(
            "cd '\(workplace.path)' && mkdir fs && truncate -s 24G image && mkfs.ext4 -q image && mount -o loop image fs"
        )
    }

    private func makeBase() throws {
        try workplace.run(
            """
            set -e; cd '\(folder)'; mkdir -p base/bin base/etc base/tmp base/root
            cp "$(command -v busybox)" base/bin/busybox; for n in sh echo cat; do ln -s busybox base/bin/$n; done
            echo root:x:0:0:root:/root:/bin/sh > base/etc/passwd; echo root:x:0: > base/etc/group
            tar -C base -cf base.tar .
            mkdir basecontext; cp base.tar basecontext; printf 'FROM scratch\\nADD base.tar /\\nENV PATH=/bin\\n' > basecontext/Dockerfile
            \(buildah) bud -q --isolation chroot -t bench-base basecontext >/dev/null 2>&1
            """)
        try workplace.run("cp -a '\(folder)/buildah' '\(folder)/buildah.pristine'")
        try workplace.run("\(ocibuild) import --change 'ENV PATH=/bin' '\(folder)/base.tar' bench-base >/dev/null 2>&1")
        try workplace.run("cp -a '\(folder)/store' '\(folder)/store.pristine'")
    }

    private var ocibuild: String { "'\(binary)' --root '\(folder)/store'" }

    private var buildah: String {
        "buildah --root '\(folder)/buildah/root' --runroot '\(folder)/buildah/run' --storage-driver overlay"
    }

    private func measure(_ scenario: Scenario, rounds: Int) throws -> BuildReport {
        try workplace.run("cd '\(folder)' && rm -rf context && mkdir context && \(scenario.context)")
        let ours = "cd '\(folder)' && \(ocibuild) build -q -t bench context >/dev/null 2>&1"
        let theirs = "cd '\(folder)' && \(buildah) bud -q --layers --isolation chroot -t bench context >/dev/null 2>&1"
        try reset()
        if !scenario.isCold {
            try workplace.run(ours)
            try workplace.run(theirs)
        }
        var samples: [[Double]] = [[], []]
        for _ in 0..<rounds {
            if scenario.isCold { try reset() }
            try workplace.run("cd '\(folder)' && \(scenario.change)")
            for (index, line) in [ours, theirs].enumerated() {
                samples[index].append(try ContinuousClock().measure { try workplace.run(line) } / .seconds(1))
            }
        }
        return BuildReport(scenario: scenario.name, ocibuild: median(samples[0]), buildah: median(samples[1]))
    }

    /// Empties both stores but for the base. What is discarded is renamed, not deleted, for the sake of what follows.
    private func reset() throws {
        try workplace.run(
            """
            set -e; cd '\(folder)'; n=$(date +%s%N); mkdir -p discarded
            umount buildah/root/overlay 2>/dev/null || true
            mv store discarded/store.$n; mv buildah discarded/buildah.$n
            cp -a store.pristine store; cp -a buildah.pristine buildah; sync
            """)
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

/// The medians of one scenario, in seconds.
struct BuildReport: Encodable {
    let scenario: String
    let ocibuild: Double
    let buildah: Double

    static let heading = "scenario                   ocibuild   buildah   times faster"

    var line: String {
        scenario.padded(to: 25) + ocibuild.fixed(3, width: 10) + buildah.fixed(3, width: 10)
            + (buildah / ocibuild).fixed(3, width: 12)
    }
}
