import LinuxSystem
import OCIBuild
import Testing

@Suite("COPY from the context")
struct CopyTests {
    /// What an image has below `/r` after these lines on the base.
    private func result(_ lines: String, in workshop: Workshop) async throws -> [String] {
        let image = try await workshop.build("FROM base\nRUN mkdir /r\n" + lines)
        return try workshop.listing(try await workshop.tree(image) / "r")
    }

    private func message(_ lines: String, in workshop: Workshop) async throws -> String {
        let error = await #expect(throws: (any Error).self) { try await workshop.build("FROM base\n" + lines) }
        return error.map { "\($0)" } ?? ""
    }

    @Test("files and folders go where Docker puts them")
    func places() async throws {
        let workshop = try await Workshop()
        try workshop.shell("umask 022; echo a > a; echo b > b; mkdir -p d/e d/empty; echo c > d/c; echo f > d/e/f")
        let got = try await result(
            """
            COPY a /r/renamed
            COPY a /r/folder/
            COPY a b d /r/many/
            COPY d /r/contents
            COPY d/ /r/slash/
            COPY d/e/.. /r/dots
            COPY [ "a", "/r/with space" ]
            WORKDIR /r/work
            COPY b .
            COPY b ./sub/x
            """, in: workshop)
        #expect(
            got == [
                "contents d 755 0:0", "contents/c f 644 0:0 2", "contents/e d 755 0:0", "contents/e/f f 644 0:0 2",
                "contents/empty d 755 0:0", "dots d 755 0:0", "dots/c f 644 0:0 2", "dots/e d 755 0:0",
                "dots/e/f f 644 0:0 2", "dots/empty d 755 0:0", "folder d 755 0:0", "folder/a f 644 0:0 2",
                "many d 755 0:0", "many/a f 644 0:0 2", "many/b f 644 0:0 2", "many/c f 644 0:0 2", "many/e d 755 0:0",
                "many/e/f f 644 0:0 2", "many/empty d 755 0:0", "renamed f 644 0:0 2", "slash d 755 0:0",
                "slash/c f 644 0:0 2", "slash/e d 755 0:0", "slash/e/f f 644 0:0 2", "slash/empty d 755 0:0",
                "with space f 644 0:0 2", "work d 755 0:0", "work/b f 644 0:0 2", "work/sub d 755 0:0",
                "work/sub/x f 644 0:0 2",
            ])
    }

    @Test("patterns match names, hidden ones too, character by character and in any bytes")
    func patterns() async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            """
            mkdir -p p/q; touch p/.h p/ab p/q/z 'p/a[b]' p/\u{e9}.x "p/$(printf '\\377').x"
            """)
        let got = try await result(
            """
            COPY p/a* /r/star/
            COPY p/?.x /r/one/
            COPY p/a[[]b] /r/escaped
            COPY p/[^q]? /r/set/
            COPY */q /r/folder/
            """, in: workshop)
        #expect(
            got.filter { !$0.contains(" d ") }.map { $0.split(separator: " f ")[0] } == [
                "escaped", "folder/z", "one/é.x", "one/\u{FFFD}.x", "set/.h", "set/ab", "star/a[b]", "star/ab",
            ])
    }

    @Test("owners by name and number, modes in octal and in clauses")
    func ownersAndModes() async throws {
        let workshop = try await Workshop()
        try workshop.shell("umask 022; mkdir -p d/x; echo 1 > d/x/f; chmod 755 d/x/f; echo 2 > g")
        let got = try await result(
            """
            COPY --chown=app g /r/name
            COPY --chown=app:root g /r/group
            COPY --chown=77 g /r/id
            COPY --chown=1:2 d /r/new/d
            COPY --chmod=4750 d /r/octal
            COPY --chmod=u=rwX,go=,g+u-w d /r/clauses
            """, in: workshop)
        #expect(
            got == [
                "clauses d 750 0:0", "clauses/x d 750 0:0", "clauses/x/f f 750 0:0 2", "group f 644 1000:0 2",
                "id f 644 77:77 2", "name f 644 1000:1000 2", "new d 755 1:2", "new/d d 755 1:2", "new/d/x d 755 1:2",
                "new/d/x/f f 755 1:2 2", "octal d 4750 0:0", "octal/x d 4750 0:0", "octal/x/f f 4750 0:0 2",
            ])
        for owner in ["nobodyhere", "-1", "4294967296", "0x0", "2147483648", "app:nogroup"] {
            #expect(try await message("COPY --chown=\(owner) g /x\n", in: workshop).contains(owner), "\(owner)")
        }
    }

    @Test("links, capabilities and attributes are kept; links out of the context lead nowhere")
    func links() async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            """
            mkdir d; echo 1 > d/one; ln d/one d/a; ln d/one d/z; ln -s /etc/shadow d/leak; ln -s one d/soft
            ln -s d top; ln -s /d/one rooted; ln -s ../../../etc/shadow out; echo 2 > d/caps; setcap cap_net_raw+ep d/caps
            """)
        let image = try await workshop.build("FROM base\nCOPY d /d\nCOPY top /top\nCOPY rooted /rooted\n")
        let tree = try await workshop.tree(image)
        #expect(
            try workshop.listing(tree / "d") == [
                "a f 644 0:0 2 n3", "caps f 644 0:0 2", "leak l 777 0:0 11 /etc/shadow", "one f 644 0:0 2 n3",
                "soft l 777 0:0 3 one", "z f 644 0:0 2 n3",
            ])
        #expect(try workshop.shell("getcap \(tree)/d/caps").contains("cap_net_raw=ep"))
        #expect(try FileSystem.readFile(tree / "rooted") == Array("1\n".utf8))
        #expect(FileSystem.exists(tree / "top/soft"))
        #expect(try await message("COPY out /x\n", in: workshop).contains("\"out\" is not in the build context"))
        #expect(try await message("COPY ou* /x\n", in: workshop).contains("is not in the build context"))
        #expect(try await message("COPY d/leak /x\n", in: workshop).contains("\"d/leak\" is not in the build context"))
    }

    @Test("of files with several names, one that a later source replaces takes none of the others with it")
    func replacedLinks() async throws {
        let workshop = try await Workshop()
        try workshop.shell("mkdir s t u; echo one > s/a; ln s/a s/b; ln s/a s/c; echo two > t/a; ln s/a u/d")
        let image = try await workshop.build("FROM base\nCOPY s t u /r/\n")
        let tree = try await workshop.tree(image)
        #expect(try workshop.shell("cd \(tree)/r; cat a b c d") == "two\none\none\none\n")
        #expect(try FileSystem.status(tree / "r/b").links == 3)
    }

    @Test("a link in the context is no way to what is excluded")
    func linkToExcluded() async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            "mkdir secret; echo k > secret/key; ln -s secret/key key; ln -s secret all; echo secret > .dockerignore")
        for source in ["key", "all", "ke*", "all/key"] {
            #expect(
                try await message("COPY \(source) /x/\n", in: workshop).contains("excluded by .dockerignore"),
                "\(source)")
        }
        #expect(try await result("COPY . /r/\n", in: workshop).allSatisfy { !$0.hasPrefix("secret") })
    }

    @Test("very deep folders are copied like others")
    func depth() async throws {
        let workshop = try await Workshop()
        try workshop.shell("p=$(printf 'a/%.0s' $(seq 700)); mkdir -p d/$p")
        let image = try await workshop.build(
            "FROM base AS one\nCOPY d /d\nFROM base\nCOPY --from=one /d /e\n")
        #expect(try await workshop.layers(image).map(\.count) == [701])
    }

    @Test("destinations are looked up inside the image, links and all")
    func destinations() async throws {
        let workshop = try await Workshop()
        try workshop.shell("umask 022; mkdir -p lib dir/sub; echo l > lib/l; echo f > file; echo s > dir/sub/s")
        let image = try await workshop.build(
            """
            FROM base
            RUN mkdir -p usr/lib canary && ln -s usr/lib lib && ln -s /canary link && ln -s /canary/new dangling \\
                && ln -s ../../../../.. up && mkdir w && ln -s /canary w/file && chmod 711 canary
            COPY lib /lib
            COPY . /
            COPY file /link
            COPY file /dangling
            COPY file /up/upper
            COPY file /w/
            WORKDIR /link/work
            COPY dir/sub/s .
            """)
        let tree = try await workshop.tree(image)
        #expect(
            try workshop.listing(tree).filter {
                !$0.hasPrefix("bin") && !$0.hasPrefix("etc") && !$0.hasPrefix("tmp") && !$0.hasPrefix("root")
            } == [
                "canary d 711 0:0", "canary/file f 644 0:0 2", "canary/new f 644 0:0 2", "canary/work d 755 0:0",
                "canary/work/s f 644 0:0 2", "dangling l 777 0:0 11 /canary/new", "dir d 755 0:0", "dir/sub d 755 0:0",
                "dir/sub/s f 644 0:0 2", "file f 644 0:0 2", "lib l 777 0:0 7 usr/lib", "link l 777 0:0 7 /canary",
                "up l 777 0:0 14 ../../../../..", "upper f 644 0:0 2", "usr d 755 0:0", "usr/lib d 755 0:0",
                "usr/lib/l f 644 0:0 2", "w d 755 0:0", "w/file f 644 0:0 2",
            ])
    }

    @Test("a file where a folder must be, and the other way round, are errors that say so")
    func conflicts() async throws {
        let workshop = try await Workshop()
        try workshop.shell("mkdir -p dir etc/passwd/x; echo f > file; mkdir -p over; echo x > over/bin")
        #expect(try await message("COPY dir /etc/passwd\n", in: workshop).contains("/etc/passwd, which is a file"))
        #expect(try await message("COPY file /etc/passwd/\n", in: workshop).contains("/etc/passwd, which is a file"))
        #expect(try await message("COPY file /etc/passwd/x\n", in: workshop).contains("/etc/passwd is a file"))
        #expect(try await message("COPY over /\n", in: workshop).contains("cannot replace the folder /bin"))
        #expect(try await message("COPY etc /etc\n", in: workshop).contains("/etc/passwd, which is no folder"))
        #expect(try await message("WORKDIR /etc/passwd\n", in: workshop).contains("/etc/passwd is a file"))
        #expect(try await message("WORKDIR /etc/passwd/x\n", in: workshop).contains("/etc/passwd is a file"))
    }

    @Test("what cannot be copied is named, with the reason")
    func missing() async throws {
        let workshop = try await Workshop()
        try workshop.shell(
            "mkdir -p d/keep secret; touch d/a d/keep/b secret/key File; printf 'secret\\nd\\n!d/keep\\n' > .dockerignore"
        )
        #expect(try await message("COPY gone /x\n", in: workshop).contains("\"gone\" is not in the build context"))
        #expect(try await message("COPY file /x\n", in: workshop).contains("did you mean \"File\"?"))
        #expect(try await message("COPY File/x /x\n", in: workshop).contains("is not in the build context"))
        #expect(try await message("COPY *.none /x/\n", in: workshop).contains("matches \"*.none\""))
        #expect(try await message("COPY ../x /x\n", in: workshop).contains("outside the build context"))
        #expect(try await message("COPY d/../../x /x\n", in: workshop).contains("outside the build context"))
        #expect(try await message("COPY secret /x\n", in: workshop).contains("excluded by .dockerignore"))
        #expect(try await message("COPY secret/key /x\n", in: workshop).contains("excluded by .dockerignore"))
        #expect(try await message("COPY [ab /x\n", in: workshop).contains("not a valid pattern"))
        let got = try await result("COPY . /r/\nCOPY d /r/d2\nCOPY --chown=app /d/keep /r/d3\n", in: workshop)
        #expect(
            got.map { $0.split(separator: " ")[0] } == [
                ".dockerignore", "File", "d", "d/keep", "d/keep/b", "d2", "d2/keep", "d2/keep/b", "d3", "d3/b",
            ])
        try workshop.shell("printf '*\\n' > .dockerignore")
        #expect(try await result("COPY . /r/\n", in: workshop) == [])
        await #expect(throws: (any Error).self) {
            try await workshop.builder.build(.text("FROM base\nCOPY a /\n"), context: nil)
        }
    }
}
