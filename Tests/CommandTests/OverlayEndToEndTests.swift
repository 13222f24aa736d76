import LinuxSystem
import Testing

@Suite("The overlay that a RUN step sees")
struct OverlayEndToEndTests {
    @Test("is had by a store that is named from the working directory")
    func relativeStore() async throws {
        let bench = try Self.bench()
        let outcome = try await bench.script(
            """
            set -eu
            cd "$WORK"; mkdir context; cp /bin/busybox context/
            printf '%s\\n' 'FROM scratch' 'COPY busybox /bin/sh' 'RUN echo 1 >/x' >context/Dockerfile
            "$OCIBUILD" build --root ./store --progress plain context 2>&1 | grep '^RUN uses'
            ls -d store/snapshots
            """)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output == "RUN uses the \"root\" sandbox (namespaces work)\nstore/snapshots\n", "\(outcome)")
    }

    @Test("gives way to a copy where there are more layers than the kernel takes", .timeLimit(.minutes(10)))
    func deepTree() async throws {
        let bench = try Self.bench()
        let outcome = try await bench.script(
            """
            set -eu
            cd "$WORK"; mkdir context; cp /bin/busybox context/; echo 1 >context/f
            {
                echo 'FROM scratch AS deep'
                echo 'COPY busybox /bin/sh'
                echo 'RUN mkdir /d; echo 1 >/d/a'
                for i in $(seq 500); do echo "COPY f /f$i"; done
                echo 'RUN rm /f3; test -e /f500 && echo 2 >/d/b'
                echo 'RUN test ! -e /f3 && test -e /d/b && chmod 700 /d && rm /d/a'
                echo 'FROM scratch'
                echo 'COPY busybox /bin/sh'
                echo 'RUN --mount=from=deep,target=/m test ! -e /m/f3 && test -e /m/f500 && echo /m/d/* >/seen'
                echo 'COPY --from=deep /d /d'
            } >context/Dockerfile
            for rung in root chroot; do
                "$OCIBUILD" build --root store-$rung --isolation $rung --source-date-epoch 1000000000 --output out-$rung context
                cat out-$rung/seen; stat -c %a out-$rung/d; ls out-$rung/d
            done
            """)
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 8, "\(outcome)")
        #expect(lines[0].hasPrefix("sha256:") && lines[..<4] == lines[4...], "\(outcome)")
        #expect(Array(lines[1..<4]) == ["/m/d/b", "700", "b"], "\(outcome)")
    }

    /// What a kernel without `lowerdir+` says, by strace(1); the names of 300 layers have no room in a page.
    @Test("gives way to a copy where layers cannot be named one by one", .timeLimit(.minutes(10)))
    func olderKernel() async throws {
        let bench = try Self.bench()
        let outcome = try await bench.script(
            """
            set -eu
            cd "$WORK"; mkdir context; cp /bin/busybox context/; echo 1 >context/f
            {
                echo 'FROM scratch AS deep'
                echo 'COPY busybox /bin/sh'
                for i in $(seq 300); do echo "COPY f /f$i"; done
                echo 'RUN rm /f3; test -e /f300 && echo 2 >/b'
                echo 'FROM scratch'
                echo 'COPY busybox /bin/sh'
                echo 'RUN --mount=from=deep,target=/m test ! -e /m/f3 && test -e /m/f300 && echo /m/b >/seen'
            } >context/Dockerfile
            build() { "$@" build --root store-$# --source-date-epoch 1000000000 -q context; }
            build "$OCIBUILD"
            build strace -f -o trace -e trace=fsopen,fsconfig -e inject=fsconfig:error=EINVAL "$OCIBUILD"
            grep -c 'fsopen("overlay"' trace
            """)
        #expect(outcome.status == 0, "strace is needed (apt-get install strace): \(outcome)")
        let lines = outcome.output.split(separator: "\n")
        try #require(lines.count == 3, "\(outcome)")
        #expect(lines[0].hasPrefix("sha256:") && lines[0] == lines[1], "\(outcome)")
        #expect(lines[2] == "1", "it is tried once, and not with a step: \(outcome)")
    }

    private static func bench() throws -> CommandBench {
        try #require(FileSystem.exists("/bin/busybox"), "needs the Debian package busybox-static")
        return try CommandBench()
    }
}
