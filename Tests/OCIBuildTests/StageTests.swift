import LinuxSystem
import OCIBuild
import Testing

@Suite("Stages")
struct StageTests {
    @Test("what the target does not need is not built")
    func unneeded() async throws {
        let workshop = try await Workshop()
        let text = """
            FROM base AS broken
            RUN false
            FROM base AS wanted
            RUN echo yes > /yes
            FROM wanted AS later
            RUN false
            """
        var options = BuildOptions()
        options.target = "wanted"
        #expect(try await workshop.record(text, options: options).done == ["RUN echo yes > /yes"])
    }

    @Test("independent stages run beside each other")
    func parallel() async throws {
        let workshop = try await Workshop()
        let recording = try await workshop.record(
            """
            FROM base AS one
            RUN sleep 0.4; echo 1 > /one
            FROM base AS two
            RUN sleep 0.4; echo 2 > /two
            FROM base
            COPY --from=one /one /
            COPY --from=two /two /
            """)
        var running = 0
        var most = 0
        for event in recording.events {
            if case .stepStarted = event { running += 1 }
            if case .stepFinished = event { running -= 1 }
            most = max(most, running)
        }
        #expect(most >= 2)
        #expect(try await workshop.text("two", of: recording.image) == "2\n")
    }

    @Test("equal steps of several stages are one")
    func merged() async throws {
        let workshop = try await Workshop()
        let recording = try await workshop.record(
            """
            FROM base AS one
            RUN cat /proc/sys/kernel/random/uuid > /id
            FROM base AS two
            RUN cat /proc/sys/kernel/random/uuid > /id
            COPY --from=one /id /copy
            """)
        #expect(recording.done.count == 2)
        #expect(try await workshop.text("id", of: recording.image) == workshop.text("copy", of: recording.image))
    }

    @Test("the failure of one stage does not wait for the others")
    func failsFast() async throws {
        let workshop = try await Workshop()
        let started = ContinuousClock.now
        let events = EventLog()
        let error = await #expect(throws: StepError.self) {
            try await workshop.build(
                "FROM base AS bad\nRUN sleep 0.1; exit 7\nFROM base\nRUN sleep 600\nCOPY --from=bad /x /\n"
            ) {
                events.add($0)
            }
        }
        #expect((error?.cause as? BuildFailure)?.status == 7)
        #expect(error?.lines == 2...2)
        #expect(ContinuousClock.now - started < .seconds(300))
        // Neither the step that was ended nor the copy that never began is called a failure.
        #expect(events.all.count { if case .stepFailed = $0 { true } else { false } } == 1)
    }

    @Test("a stage grows from another, with its configuration and history")
    func inheritance() async throws {
        let workshop = try await Workshop()
        let recording = try await workshop.record(
            """
            FROM base AS one
            ENV A=b
            WORKDIR /w
            RUN echo 1 > file
            FROM one
            RUN echo $A >> file
            """)
        #expect(try await workshop.text("w/file", of: recording.image) == "1\nb\n")
        let config = try await workshop.details(recording.image).config
        #expect(config.config.workingDirectory == "/w")
        #expect(config.history.filter { $0.emptyLayer != true }.count == config.rootfs.diffIDs.count)
        #expect(config.history.suffix(4).map { $0.emptyLayer ?? false } == [true, false, false, false])
    }

    @Test("what a copy takes out of a stage keeps modes, owners, links and times, and lacks what was deleted")
    func copies() async throws {
        let workshop = try await Workshop()
        let recording = try await workshop.record(
            """
            FROM base AS one
            RUN mkdir -p /d/sub /d/gone && echo a > /d/sub/a && ln /d/sub/a /d/hard && ln -s sub/a /d/soft \\
                && chmod 4711 /d/sub/a && chown 5:6 /d/sub && echo x > /d/gone/x && echo y > /d/y && touch -d @99 /d/y
            RUN rm -r /d/gone && chmod 700 /d/sub && ln -s /d/sub /link && ln -s /etc/passwd /out
            FROM scratch
            COPY --from=one /d /all
            COPY --from=one /d/s* /wild/
            COPY --from=one /link /followed
            COPY --from=one --chown=7:8 /out /up
            COPY --from=one ../../d/y /y
            """)
        let listing = try workshop.listing(try await workshop.tree(recording.image))
        let sized = listing.filter { !$0.hasPrefix("up ") }
        #expect(
            sized == [
                "all d 755 0:0", "all/hard f 4711 0:0 2 n2", "all/soft l 777 0:0 5 sub/a", "all/sub d 700 5:6",
                "all/sub/a f 4711 0:0 2 n2", "all/y f 644 0:0 2", "followed d 700 5:6", "followed/a f 4711 0:0 2",
                "wild d 755 0:0", "wild/a f 4711 0:0 2 n2", "wild/soft f 4711 0:0 2 n2", "y f 644 0:0 2",
            ])
        #expect(listing.contains { $0.hasPrefix("up f 644 7:8 ") })
        let times = try await workshop.layers(recording.image, above: 0).joined()
        #expect(times.contains { $0.contains("1970-01-01 00:01:39") && $0.hasSuffix(" y") })
    }

    @Test("sources that a stage lacks are named")
    func missing() async throws {
        let workshop = try await Workshop()
        for (source, word) in [("/nothing", "is not in stage"), ("/no*", "matches"), ("/dang*", "link to nothing")] {
            let error = await #expect(throws: StepError.self) {
                try await workshop.build(
                    "FROM base AS one\nRUN ln -s /void /dangling\nFROM base\nCOPY --from=one \(source) /x\n")
            }
            #expect(error?.description.contains(word) == true, "\(error.map { "\($0)" } ?? "nothing")")
        }
    }
}
