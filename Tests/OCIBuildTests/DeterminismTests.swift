import LinuxSystem
import OCIBuild
import Testing

@Suite("Determinism")
struct DeterminismTests {
    static let text = "FROM base\nCOPY . /app/\nWORKDIR /app/w\nCOPY --chown=app big /app/w/\nADD t.tar /t\n"

    private func workshop(touched: String) async throws -> Workshop {
        let workshop = try await Workshop()
        try workshop.shell(
            """
            umask 022; for i in 3 1 2; do mkdir d$i; echo $i > d$i/f; ln d$i/f d$i/g; done
            head -c 5000000 /dev/zero | tr '\\0' x > big; seq 300000 >> big; tar --mtime=@4 -cf t.tar d1
            find . -exec touch -h -d \(touched) {} +
            """)
        return workshop
    }

    @Test("two folders, two stores, any number of threads: one digest")
    func everywhere() async throws {
        var digests: Set<Digest> = []
        for (threads, touched) in [(1, "@1"), (2, "2020-02-02"), (8, "now")] {
            let workshop = try await workshop(touched: touched)
            var options = BuildOptions()
            options.compressionThreads = threads
            digests.insert(try await workshop.build(Self.text, options: options).digest)
        }
        #expect(digests.count == 1)
    }

    @Test("times are chosen by options", arguments: ["constant", "preserve", "seconds", "epoch"])
    func times(choice: String) async throws {
        let workshop = try await workshop(touched: "@1000000000")
        var options = BuildOptions()
        switch choice {
        case "preserve": options.timestamp = .preserve
        case "seconds": options.timestamp = .seconds(1_234_567_890)
        case "epoch":
            options.timestamp = .preserve
            options.sourceDateEpoch = 900_000_000
        default: break
        }
        let expected = [
            "constant": ("1980-01-01 00:00:01", "1980-01-01T00:00:01Z"),
            "preserve": ("2001-09-09 01:46:40", "1980-01-01T00:00:01Z"),
            "seconds": ("2009-02-13 23:31:30", "2009-02-13T23:31:30Z"),
            "epoch": ("1998-07-09 16:00:00", "1998-07-09T16:00:00Z"),
        ]
        let image = try await workshop.build("FROM base\nCOPY d1 /d1\nRUN echo x > /x\n", options: options)
        let layers = try await workshop.layers(image)
        #expect(layers[0].contains { $0.hasSuffix("d1/f") && $0.contains(expected[choice]?.0 ?? "?") }, "\(layers[0])")
        let config = try await workshop.details(image).config
        #expect(config.created == expected[choice]?.1)
        #expect(config.history.last?.created == expected[choice]?.1)
        if choice == "epoch" {
            #expect(layers[1].allSatisfy { $0.contains("1998-07-09 16:00:00") }, "\(layers[1])")
        }
        // Times are part of what is asked for: the cache does not mix them up.
        #expect(
            try await workshop.build("FROM base\nCOPY d1 /d1\nRUN echo x > /x\n").digest != image.digest
                || choice == "constant")
    }

    @Test("an image of a checkout is as old as its commit")
    func commit() async throws {
        let workshop = try await workshop(touched: "now")
        try workshop.shell(
            """
            git init -q .; git add d1; export GIT_COMMITTER_DATE='2022-03-04T05:06:07Z'
            git -c user.name=a -c user.email=a@example.com commit -q -m x
            """)
        let image = try await workshop.build("FROM base\nCOPY d1 /d1\n")
        #expect(try await workshop.details(image).config.created == "2022-03-04T05:06:07Z")
        // What a checkout's configuration names is not run.
        try workshop.shell(
            """
            printf '#!/bin/sh\\necho ran > \(workshop.scratch.path)/ran\\n' > ../program; chmod 755 ../program
            git cat-file commit HEAD | sed 's/^$/gpgsig -----BEGIN PGP SIGNATURE-----\\n -----END PGP SIGNATURE-----\\n/' > c
            git update-ref HEAD $(git hash-object -t commit -w c); rm c; git config log.showSignature true
            git config gpg.program \(workshop.scratch.path)/program; git log -1 > /dev/null; test -e ../ran; rm ../ran
            """)
        let signed = try await workshop.build("FROM base\nCOPY d1 /d1\n")
        #expect(try await workshop.details(signed).config.created == "2022-03-04T05:06:07Z")
        #expect(!FileSystem.exists(workshop.scratch.path / "ran"))
        let layers = try await workshop.layers(image)
        #expect(layers[0].contains { $0.contains("1980-01-01 00:00:01") && $0.hasSuffix("d1/f") })
    }
}
