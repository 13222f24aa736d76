import LinuxSystem
import Testing

@Suite("Builds of users who are not root: the way into a user namespace")
struct RootlessEndToEndTests {
    /// Starts a build that waits for its definition, shows what its process is by then, and lets it go.
    private static func waiting(_ options: String = "", then: String) -> String {
        """
        cd "$WORK/home"
        mkfifo definition
        sleep 300 >definition & holder=$!
        "$OCIBUILD" build \(options) - <definition >out 2>err & pid=$!
        kill -0 $pid
        # It has gone where it goes before it has a second thread.
        until [ "$(ls /proc/$pid/task | wc -l)" -gt 1 ]; do sleep 0.01; done
        \(then)
        kill $pid $holder
        wait
        """
    }

    private func run(_ user: PlainUser, _ text: String) async throws -> CommandBench.Outcome {
        try await CommandBench().script(user.script(text))
    }

    private static let facts = """
        sed 's/  */ /g' /proc/$pid/uid_map
        grep CapEff /proc/$pid/status
        readlink /proc/$pid/cwd
        """

    @Test("with subordinate ids the process itself is root of them, and where it was")
    func entered() async throws {
        let outcome = try await run(PlainUser(), Self.waiting(then: Self.facts))
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.prefix(2) == [" 0 4321 1", " 1 200000 65536"], "\(outcome)")
        #expect(lines.contains { $0.hasPrefix("CapEff:\t000001ff") }, "\(outcome)")
        #expect(lines.last?.hasSuffix("/home") == true, "\(outcome)")
    }

    @Test("a line for the number, and ids in several ranges")
    func byNumber() async throws {
        var user = PlainUser()
        user.subordinate = "# no line\nenterer:oops\n4321:300000:1000\nroot:1:2\nenterer:400000:64535\n"
        let outcome = try await run(user, Self.waiting(then: Self.facts))
        #expect(
            outcome.output.split(separator: "\n").prefix(3) == [" 0 4321 1", " 1 300000 1000", " 1001 400000 64535"],
            "\(outcome)")
    }

    @Test("a rung that stays outside is asked for", arguments: ["single", "chroot", "none"])
    func outside(isolation: String) async throws {
        let outcome = try await run(PlainUser(), Self.waiting("--isolation \(isolation)", then: Self.facts))
        #expect(outcome.output.hasPrefix(" 0 0 4294967295\n"), "\(outcome)")
        #expect(outcome.output.contains("CapEff:\t0000000000000000"), "\(outcome)")
    }

    @Test(
        "what is refused leaves everything as it was",
        arguments: [
            PlainUser(subordinate: ""),
            PlainUser(subordinate: "enterer:200000:1000\n"),
            PlainUser(hasAccount: false, subordinate: "4321:200000:65536\n"),
            PlainUser(wrapper: ["--no-new-privs"]),
            PlainUser(preparation: "mount --bind /bin/false /usr/bin/newgidmap"),
            PlainUser(preparation: "mount --bind /usr/bin /usr/bin; mount -o remount,bind,nosuid /usr/bin"),
        ])
    func refused(user: PlainUser) async throws {
        let outcome = try await run(user, Self.waiting(then: Self.facts))
        #expect(outcome.output.hasPrefix(" 0 0 4294967295\n"), "\(outcome)")
        #expect(outcome.output.contains("CapEff:\t0000000000000000"), "\(outcome)")
        #expect(outcome.output.hasSuffix("/home\n"), "\(outcome)")
    }

    @Test("the store stays the user's, and can be used from outside")
    func store() async throws {
        let outcome = try await run(
            PlainUser(),
            """
            cd "$WORK/home"; mkdir context; echo text >context/file
            printf 'FROM scratch\\nCOPY file /\\n' >context/Dockerfile
            "$OCIBUILD" build -q -t localhost/a:1 context
            stat -c '%u %a' .local/share/ocibuild/blobs
            "$OCIBUILD" build -q -t localhost/a:2 --isolation none context
            "$OCIBUILD" images -q
            env -u HOME "$OCIBUILD" build -q context
            stat -c '%u %a' /var/tmp/ocibuild-4321
            "$OCIBUILD" prune --all
            env -u HOME "$OCIBUILD" prune --all >/dev/null
            rm -r /var/tmp/ocibuild-4321
            """)
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.filter { $0 == "4321 700" }.count == 2, "\(outcome)")
        #expect(Set(lines.filter { $0.hasPrefix("sha256:") }).count == 1, "\(outcome)")
    }

    @Test("what belongs to subordinate ids is pruned from within, and from outside it is said what to do")
    func prune() async throws {
        let outcome = try await run(
            PlainUser(),
            """
            ocibuild import \(try await CommandBench.baseArchive.value) localhost/base:1
            mkdir "$HOME/context"
            printf '%s\\n' 'FROM localhost/base:1' 'RUN mkdir -m 700 /own; echo x >/own/file; chown -R 33:33 /own' \\
                >"$HOME/context/Dockerfile"
            sed -i 's/chown/busybox chown/' "$HOME/context/Dockerfile"
            ocibuild build --isolation userns -t localhost/a:1 "$HOME/context"
            ocibuild rmi localhost/a:1 localhost/base:1
            trash="$HOME/.local/share/ocibuild/trash"
            setpriv --no-new-privs ocibuild prune --all
            echo outside: $(ls "$trash" | wc -l)
            ocibuild prune --all
            echo inside: $(ls "$trash" | wc -l)
            """)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("outside: 1\n") && outcome.output.contains("inside: 0\n"), "\(outcome)")
        #expect(outcome.error.contains("where they belong to subordinate ids, run \"ocibuild prune\""), "\(outcome)")
    }

    @Test("root of the machine goes nowhere unless asked")
    func root() async throws {
        let bench = try CommandBench()
        let usual = try await bench.script("mkdir -p $WORK/home\n" + Self.waiting(then: Self.facts))
        #expect(usual.output.hasPrefix(" 0 0 4294967295\n"), "\(usual)")
        let asked = try await CommandBench().script(
            Self.waiting("--isolation userns", then: Self.facts + "\nreadlink /proc/self/ns/user /proc/$pid/ns/user"))
        #expect(asked.output.hasPrefix(" 0 0 4294967295\n"), "\(asked)")
        let namespaces = asked.output.split(separator: "\n").filter { $0.hasPrefix("user:") }
        #expect(Set(namespaces).count == 2, "\(asked)")
    }
}
