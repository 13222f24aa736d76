import LinuxSystem
import TestSupport
import Testing

@Suite("The command: interrupted")
struct InterruptEndToEndTests {
    /// Starts a build whose step sleeps for an odd time, signals it once it is under way, and says its exit status.
    private static func script(signal: String, options: String, sleep: String) -> String {
        """
        "$OCIBUILD" build \(options) $WORK/context >$WORK/out 2>$WORK/err &
        pid=$!
        n=0
        until grep -q '[0-9] under way$' $WORK/err; do
            n=$((n+1)); [ $n -lt 2000 ] || exit 99
            sleep 0.05
        done
        kill -\(signal) $pid
        wait $pid
        echo $?
        for f in /proc/[0-9]*/cmdline; do
            if tr '\\0' ' ' <$f 2>/dev/null | grep -q '^sleep \(sleep) *$'; then echo "left: $f"; fi
        done
        grep -F "$OCIBUILD_ROOT" /proc/self/mountinfo
        ls -A "$OCIBUILD_ROOT/tmp"
        exit 0
        """
    }

    @Test("nothing is left", arguments: [("INT", "root"), ("TERM", "root"), ("INT", "chroot")])
    func signals(_ signal: String, _ isolation: String) async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let sleep = "\(Int.random(in: 100_000...999_999))"
        _ = try bench.context("FROM localhost/base:1\nRUN echo one\nRUN echo under way; sleep \(sleep)\n")
        let outcome = try await bench.script(
            Self.script(signal: signal, options: "--isolation \(isolation) --progress plain", sleep: sleep))
        #expect(outcome.status == 0, "\(outcome)")
        let status = signal == "INT" ? 130 : 143
        #expect(outcome.output == "\(status)\n", "exit status, and no process, mount or temporary file")
        let error = try FileSystem.readFile(bench.folder.path / "err")
        #expect(String(decoding: error, as: UTF8.self).contains("ocibuild: interrupted\n"))
        let after = try await bench.run(
            "build", "--isolation", isolation,
            try bench.context("FROM localhost/base:1\nRUN echo one\nRUN echo two\n"))
        #expect(after.status == 0, "the store is intact: \(after)")
        #expect(after.error.contains("#2 CACHED"), "what was finished before counts")
    }

    @Test("nothing is left of a transfer either", arguments: ["build", "pull", "push"])
    func transfers(_ verb: String) async throws {
        // Answers the first question of each kind of transfer with silence.
        let registry = try FaultRegistry { _ in
            var response = FaultRegistry.Response(200)
            response.headDelay = 60
            return response
        }
        let host = "127.0.0.1:\(registry.port)"
        let bench = try CommandBench()
        try await bench.importBase()
        try await bench.succeed("tag", CommandBench.base, "\(host)/slow:1")
        _ = try bench.context("FROM \(host)/slow:1\nRUN echo\n")
        let words = [
            "build": "build --pull $WORK/context", "pull": "pull \(host)/slow:1", "push": "push \(host)/slow:1",
        ]
        async let ended = bench.script(
            """
            "$OCIBUILD" \(words[verb] ?? "") --plain-http \(host) >$WORK/out 2>$WORK/err &
            pid=$!
            n=0
            until [ -e $WORK/go ]; do
                n=$((n+1)); [ $n -lt 2000 ] || exit 99
                sleep 0.05
            done
            kill -INT $pid
            wait $pid
            echo $?
            ls -A "$OCIBUILD_ROOT/tmp"
            exit 0
            """)
        let patience = ContinuousClock.now + .seconds(100)
        while registry.requests.isEmpty, ContinuousClock.now < patience {
            try await Task.sleep(for: .milliseconds(20))
        }
        let asked = ContinuousClock.now
        try FileSystem.writeFile(bench.folder.path / "go", [])
        let outcome = try await ended
        #expect(outcome.output == "130\n", "\(outcome)")
        #expect(ContinuousClock.now - asked < .seconds(55), "did not wait for the registry")
        #expect(try await bench.succeed("images", "-q", "base").hasPrefix("sha256:"))
    }

    @Test func whileItAsksForAPassword() async throws {
        let bench = try CommandBench()
        try FileSystem.writeFile(
            bench.folder.path / "ask.py",
            Array(
                """
                import os, pty, termios, time
                child, terminal = pty.fork()
                if child == 0:
                    os.execv(os.environ["OCIBUILD"], ["ocibuild", "login", "-u", "ann", "127.0.0.1:1"])
                seen = b""
                while b"Password: " not in seen: seen += os.read(terminal, 100)
                def echoes(): return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
                while echoes(): time.sleep(0.01)
                os.write(terminal, bytes([3]))
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), echoes())

                """.utf8))
        let outcome = try await bench.script("python3 $WORK/ask.py")
        #expect(outcome.output == "130 True\n", "its exit status, and whether the terminal echoes again: \(outcome)")
    }

    @Test func nohupKeepsItGoing() async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        _ = try bench.context("FROM localhost/base:1\nRUN echo under way; sleep 2; echo over\n")
        let outcome = try await bench.script(
            """
            nohup "$OCIBUILD" build --progress plain $WORK/context >$WORK/out 2>$WORK/err &
            pid=$!
            until grep -q '[0-9] under way$' $WORK/err; do sleep 0.05; done
            kill -HUP $pid
            wait $pid
            echo $?
            grep -c '[0-9] over$' $WORK/err
            """)
        #expect(outcome.output == "0\n1\n", "\(outcome)")
    }
}
