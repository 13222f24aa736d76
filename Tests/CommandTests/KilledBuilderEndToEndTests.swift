import LinuxSystem
import Testing

@Suite("The command: builders that are killed") struct KilledBuilderEndToEndTests {
    private static let definition = """
        FROM localhost/base:1 AS filled
        RUN i=0; while [ $i -lt 300 ]; do echo $i >/root/$i; i=$((i+1)); done
        FROM localhost/base:1
        ARG WHO
        ARG MARK
        RUN echo shared by all; sleep 0.1; echo shared >/shared
        RUN --mount=type=cache,target=/c,from=filled,source=/root cat /c/299 >/count; echo $WHO >/c/$WHO
        RUN setsid sleep $MARK & sleep 0.2; echo $WHO >/who
        """

    /// What is still there, and a mount or lock that is; says nothing where nothing is. Ten seconds are a bound, and not
    /// what it takes.
    private static func leftovers(of mark: String) -> String {
        """
        n=0
        while :; do
            left=$(for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do
                case $f in /proc/self/*|/proc/$$/*) continue;; esac
                if tr '\\0' '\\n' <$f 2>/dev/null | grep -qxE '\(mark)|MARK=\(mark)|KILLED=\(mark)'; then
                    echo $f; tr '\\0' ' ' <$f | head -c 200; fi
            done 2>/dev/null)
            [ -n "$left" ] || break
            n=$((n+1)); [ $n -lt 100 ] || { echo "left: $left"; break; }
            sleep 0.1
        done
        grep -F "$OCIBUILD_ROOT" /proc/self/mountinfo
        """
    }

    @Test(
        "eight at once with one store, three of them killed again and again", .timeLimit(.minutes(15)),
        arguments: ["root", "chroot", "single"])
    func concurrency(_ isolation: String) async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        let context = try bench.context(Self.definition)
        let mark = "\(Int.random(in: 100_000...999_999)).5"
        let build = """
            env KILLED=\(mark) "$OCIBUILD" build -q --isolation \(isolation) --build-arg MARK=\(mark)
            """
        let storm = try await bench.script(
            """
            for p in 1 2 3 4 5; do
                (for n in 1 2 3 4; do
                    \(build) --build-arg WHO=$p-$n -t localhost/p$p:$n '\(context)' >>$WORK/out$p 2>&1 || echo "failed $p $n"
                done) &
            done
            for p in 6 7 8; do
                (for n in 1 2 3 4; do
                    \(build) --build-arg WHO=$p-$n '\(context)' >>$WORK/out$p 2>&1 & pid=$!
                    sleep 0.$((p*n*37%90+10))
                    kill -9 $pid
                    wait $pid
                done) &
            done
            wait
            cat $WORK/out[12345] | grep -v '^sha256:'
            exit 0
            """)
        #expect(storm.status == 0 && storm.output.isEmpty, "\(storm)")
        let rest = try await bench.script(
            """
            \(Self.leftovers(of: mark))
            for p in 1 2 3 4 5; do
                for n in 1 2 3 4; do
                    "$OCIBUILD" save localhost/p$p:$n -o $WORK/$p.tar >/dev/null || echo "cannot save $p $n"
                done
            done
            \(build) --build-arg WHO=after '\(context)' >/dev/null || echo "no build afterwards"
            "$OCIBUILD" prune >/dev/null || echo "no pruning afterwards"
            ls -A "$OCIBUILD_ROOT/tmp"
            find "$OCIBUILD_ROOT" -name 'new-*'
            \(build) --build-arg WHO=after '\(context)' >/dev/null || echo "no build after pruning"
            exit 0
            """)
        #expect(rest.status == 0 && rest.output.isEmpty, "\(rest)")
    }

    @Test("a cache that was being filled", arguments: ["build", "prune"])
    func unfinishedCache(_ verb: String) async throws {
        let bench = try CommandBench()
        try await bench.importBase()
        func context(_ word: String) throws -> String {
            try bench.context("FROM localhost/base:1\nRUN --mount=type=cache,target=/c echo \(word) >>/c/x; cat /c/x\n")
        }
        try await bench.succeed("build", try context("one"))
        let planted = try await bench.script(
            "for d in \"$OCIBUILD_ROOT\"/cache-mounts/*/0; do mkdir -p $d/new-77/deep; : >$d/new-77/deep/file; done")
        #expect(planted.status == 0)
        if verb == "build" {
            let next = try await bench.run("build", "--progress", "plain", try context("two"))
            #expect(next.status == 0 && next.error.contains(" one\n"), "what was finished stays: \(next)")
        } else {
            try await bench.succeed("prune")
        }
        let left = try await bench.script("find \"$OCIBUILD_ROOT/cache-mounts\" -name 'new-*'")
        #expect(left.output.isEmpty, "\(left)")
    }
}
