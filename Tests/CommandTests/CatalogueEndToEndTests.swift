import LinuxSystem
import TestSupport
import Testing

@Suite("The command: the catalogue of images")
struct CatalogueEndToEndTests {
    /// A bench with a small image called `tiny`.
    private static func bench(_ registry: RegistryProcess) async throws -> CatalogueBench {
        let bench = try CatalogueBench(registry)
        try await bench.succeed("echo x >$WORK/x && tar -C $WORK -cf $WORK/x.tar x && docker import $WORK/x.tar tiny")
        return bench
    }

    private func complaint(_ bench: CatalogueBench, _ line: String, _ status: Int32 = 125) async throws -> String {
        let outcome = try await bench.run(line)
        #expect(outcome.status == status, "\(line)\n\(outcome)")
        #expect(outcome.output.isEmpty, "\(line)\n\(outcome)")
        return outcome.error
    }

    @Test("create, list, inspect with readme, rename, delete; names of workspaces and users")
    func verbs() async throws {
        let registry = try RegistryProcess()
        let bench = try await Self.bench(registry)
        try await bench.succeed("printf '# Tiny\\n\\nIt is *small*.\\n' >$WORK/readme.md")
        let id = try await bench.succeed(
            "ocibuild image create -q --name one --description 'First' --readme $WORK/readme.md tiny"
        ).replacing("\n", with: "")
        #expect(id.wholeMatch(of: /im_[0-9a-z]{12}/) != nil)
        try await bench.succeed("ocibuild image create -q --workspace team --user ann --name two tiny")
        let list = try await bench.succeed("ocibuild image list")
        // How wide the column of times is depends on how long the machine took.
        let words = list.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(words.first == ["NAME", "ID", "AUTHOR", "COMMITTED", "DESCRIPTION"], "\(list)")
        #expect(words.dropFirst().first?.prefix(3) == ["one", id, "examples"], "\(list)")
        let one = try await bench.succeed("ocibuild image get \(id)")
        #expect(
            one.contains("\"description\": \"First\",\n        \"readme\": \"# Tiny\\n\\nIt is *small*.\\n\"\n    }\n]")
        )
        for name in ["one", "examples/one", "examples/\(id)", "bp_\(id.dropFirst(3))"] {
            #expect(try await bench.succeed("ocibuild image inspect \(name)") == one, "\(name)")
        }
        let both = try await bench.succeed("ocibuild image inspect one team/two")
        #expect(both.hasPrefix(String(one.dropLast(3))) && both.contains("    },\n    {\n"))
        #expect(
            try await bench.succeed("ocibuild --root $WORK/other image inspect --workspace team ann/two").contains(
                "\"ann\""))
        #expect(try await bench.succeed("ocibuild image list --json team").contains("\"workspace\":\"team\""))
        #expect(try await bench.succeed("ocibuild image rename one ones") == "Renamed one to ones (\(id))\n")
        #expect(try await complaint(bench, "ocibuild image inspect one").contains("Did you mean \"ones\"?"))
        #expect(try await bench.succeed("ocibuild image delete ones") == "Deleted ones (\(id))\n")
        #expect(try await complaint(bench, "ocibuild image inspect \(id)").contains("was deleted"))
        #expect(try await bench.succeed("ocibuild image list -q").isEmpty)
        try await bench.succeed("ocibuild image create -q --name ones tiny")
    }

    @Test("An image that is created open gets its content later, once")
    func open() async throws {
        let registry = try RegistryProcess()
        let bench = try await Self.bench(registry)
        let made = try await bench.run("ocibuild image create --no-commit --name later")
        #expect(made.status == 0 && made.output == "Done.\n" && made.error.contains("image commit later"), "\(made)")
        #expect(try await bench.succeed("ocibuild image list").contains("not yet"))
        #expect(!(try await bench.succeed("ocibuild image inspect later")).contains("committed"))
        #expect(try await complaint(bench, "ocibuild image commit later").contains("has no content: push it to"))
        let unready = try await bench.run("beaker image pull later")
        #expect(unready.status == 125 && unready.error.contains("has no content yet"))
        let taken = try await complaint(bench, "ocibuild image create --name later tiny")
        #expect(taken.contains("image delete later"))
        // By any tool that pushes.
        let place = try await bench.succeed("ocibuild image list --json").firstMatch(of: /"repository":"([^"]+)"/)
        try await bench.succeed("docker push -q tiny \(try #require(place).1):latest")
        let committed = try await bench.succeed("ocibuild image commit later")
        #expect(committed.hasPrefix("Committed later (im_"))
        #expect(try await complaint(bench, "ocibuild image commit later tiny").contains("does not change any more"))
        #expect(try await bench.succeed("beaker image pull -q later x") == "x:latest\n")

        let half = try await bench.succeed("ocibuild image create --no-commit --name half tiny")
        #expect(half.hasPrefix("Pushing tiny as half (im_") && half.hasSuffix("Done.\n"))
        let rest = try await bench.succeed("ocibuild image commit half tiny")
        #expect(rest.contains(": Layer already exists\nlatest: digest: sha256:"))
    }

    @Test("Of many machines that create at once, each name has one winner and nothing is lost")
    func together() async throws {
        let registry = try RegistryProcess()
        let bench = try await Self.bench(registry)
        let race = try await bench.run(
            """
            cd $WORK
            for i in 1 2 3 4 5 6; do
              cp -r store store$i
              ocibuild --root store$i image create -q --name image-$((i % 3)) tiny >out$i 2>err$i &
              pids="$pids $!"
            done
            for pid in $pids; do wait $pid; echo $? >>statuses; done; sort statuses | uniq -c
            cat out? | sort
            """)
        let lines = race.output.split(separator: "\n").map(String.init)
        #expect(race.status == 0 && lines.count == 5, "\(race)")
        #expect(lines.prefix(2).map { $0.filter { $0 != " " } } == ["30", "3125"], "\(race)")
        #expect(
            try await bench.succeed("ocibuild image list -q | sort").split(separator: "\n").map(String.init)
                == Array(lines.suffix(3)))
        #expect(try await bench.succeed("grep -l 'is taken by im_' $WORK/err? | wc -l") == "3\n")
    }

    @Test("A creation whose push fails gives its name back")
    func withdrawn() async throws {
        let bench = try await Self.bench(try RegistryProcess())
        let manifest = try await bench.succeed("docker inspect --raw tiny")
        let layer = manifest.firstMatch(of: /"layers":\[\{"digest":"sha256:([0-9a-f]{64})"/)
        try await bench.succeed("rm $WORK/store/blobs/sha256/\(try #require(layer).1)")
        let failed = try await bench.run("ocibuild image create --name tiny tiny")
        #expect(failed.status == 125 && failed.output.hasPrefix("Pushing tiny as tiny (im_"), "\(failed)")
        #expect(!failed.output.contains("Done."))
        #expect(try await bench.succeed("ocibuild image list -q").isEmpty)
        try await bench.succeed("docker import $WORK/x.tar tiny && ocibuild image create --name tiny tiny")
    }

    @Test("A registry that does not delete: the image goes from the catalogue, and that the content stays is said")
    func keepers() async throws {
        var options = RegistryProcess.Options()
        options.allowsRemoval = false
        let bench = try await Self.bench(try RegistryProcess(options))
        try await bench.succeed("ocibuild image create -q --name one tiny")
        let gone = try await bench.run("ocibuild image delete one")
        #expect(gone.status == 0 && gone.output.hasPrefix("Deleted one (im_"), "\(gone)")
        #expect(gone.error.contains("its content stays in 127.0.0.1") && gone.error.contains("405"), "\(gone)")
        #expect(try await bench.succeed("ocibuild image list -q").isEmpty)
    }

    @Test("A password given on the command line is the catalogue's registry's, also where that ends with a slash")
    func password() async throws {
        var options = RegistryProcess.Options()
        options.account = ("ann", "secret")
        let registry = try RegistryProcess(options)
        let bench = try await Self.bench(registry)
        for place in ["images", "images/"] {
            let list = "ocibuild image list --registry \(registry.host)/\(place)"
            #expect(try await bench.succeed("\(list) --creds ann:secret").hasPrefix("NAME"))
            #expect(try await complaint(bench, list).contains("401"))
        }
    }

    @Test("docker's image commands are about local images, also where a catalogue is configured")
    func docker() async throws {
        let registry = try RegistryProcess()
        let bench = try await Self.bench(registry)
        try await bench.succeed("ocibuild image create -q --name tiny tiny")
        #expect(try await bench.succeed("docker image inspect tiny").contains("\"mediaType\""))
        #expect(try await bench.succeed("ocibuild image inspect tiny").contains("\"display_name\""))
        try await bench.succeed("docker image tag tiny local-only && docker image history tiny")
        #expect(try await bench.succeed("ocibuild image inspect local-only").contains("\"mediaType\""))
        #expect(try await bench.succeed("docker image list -q") == (try await bench.succeed("docker images -q")))
        let name = "\(registry.host)/elsewhere/tiny:1"
        try await bench.succeed("docker image tag tiny \(name) && docker image push -q \(name)")
        #expect(try await bench.succeed("ocibuild image pull -q \(name)").hasPrefix("sha256:"))
        try await bench.succeed("docker image rm tiny local-only \(name)")
        #expect(try await bench.succeed("ocibuild image list -q").hasPrefix("im_"))
        let unconfigured = try CatalogueBench(registry, configuration: "{}")
        let local = try await complaint(unconfigured, "ocibuild image inspect nothing")
        #expect(local.contains("there is no image \"nothing:latest\" here") && local.contains("OCIBUILD_REGISTRY"))
    }

    @Test("Bad names, no configuration, a wrong one, and a registry that does not answer")
    func mistakes() async throws {
        let registry = try RegistryProcess()
        let bench = try await Self.bench(registry)
        for (name, part) in [
            ("a/b", "the workspace and a tag are no part of it"), ("''", "it is empty"),
            ("im_qbjvcda1sed7", "it has the form of an id"), ("'a b'", "none of letters"),
        ] {
            let outcome = try await bench.run("ocibuild image create --name \(name) tiny")
            #expect(outcome.status == 125 && outcome.error.contains(part), "\(outcome)")
        }
        #expect(try await complaint(bench, "ocibuild image create --name x", 2).contains("needs SOURCE"))
        #expect(try await complaint(bench, "ocibuild image create tiny", 2).contains("needs --name"))
        #expect(
            try await complaint(bench, "ocibuild image create --name x tiyn").contains("Did you mean \"tiny:latest\"?"))
        #expect(
            try await complaint(bench, "ocibuild image create --name x --readme /absent tiny").contains("no readme"))
        #expect(try await complaint(bench, "ocibuild image raname a b", 2).contains("Did you mean \"image rename\"?"))
        #expect(try await complaint(bench, "ocibuild image list --workspace Team").contains("no name for a workspace"))
        #expect(try await complaint(bench, "ocibuild image list --registry 127.0.0.1:1/x").contains("127.0.0.1:1"))
        #expect(try await complaint(bench, "ocibuild image list --registry https://x").contains("is no registry"))
        #expect(try await bench.succeed("ocibuild image list --workspace nobody").hasPrefix("NAME"))

        try await bench.succeed("ocibuild image create -q --name last tiny")
        let several = try await bench.run("ocibuild image delete Team/x last")
        #expect(several.status == 125 && several.error.contains("no name for a workspace"), "\(several)")
        #expect(several.output.hasPrefix("Deleted last (im_"), "the others are deleted still")

        let none = try CatalogueBench(registry, configuration: "{}")
        let away = try await complaint(none, "HTTPS_PROXY=http://127.0.0.1:1 ocibuild image pull nothing")
        #expect(away.contains("It was not looked for in a catalogue: no registry is configured"))
        let advice = try await complaint(none, "beaker image list")
        #expect(
            advice.contains(
                "write {\"registry\": \"HOST/PATH\"} to \(none.bench.folder.path)/home/.config/ocibuild/config.json"))
        for text in ["{", #"{"registry": 1}"#, #"{"registry": "x", "registry": "y"}"#] {
            let broken = try CatalogueBench(registry, configuration: text)
            #expect(try await complaint(broken, "ocibuild image list").contains("config.json: is no configuration"))
        }
        #expect(
            try await complaint(bench, "OCIBUILD_CONFIG=/absent/x.json ocibuild image list").contains("/absent/x.json"))
        #expect(
            try await bench.succeed(
                "echo '{\"registry\": \"\(registry.host)/ai2-beaker-core\", \"user\": \"bob\"}' >$WORK/c.json; "
                    + "OCIBUILD_CONFIG=$WORK/c.json OCIBUILD_WORKSPACE=team ocibuild image create -q --name x tiny >/dev/null; "
                    + "OCIBUILD_CONFIG=$WORK/c.json ocibuild image inspect team/x"
            ).contains("\"name\": \"bob\""))
    }

    @Test("Text from the catalogue cannot steer a terminal, and a log with strange entries is warned of")
    func hostile() async throws {
        let registry = try RegistryProcess()
        let bench = try await Self.bench(registry)
        try await bench.succeed("ocibuild image create -q --name x --description \"$(printf 'a\\033[2Jb')\" tiny")
        for line in ["ocibuild image list", "ocibuild image inspect x", "ocibuild image list --json"] {
            let text = try await bench.succeed(line)
            #expect(!text.contains("\u{1B}") && text.contains("[2Jb"), "\(text)")
        }
        let log = "\(registry.host)/ai2-beaker-core/examples/catalogue"
        try await bench.succeed("docker push -q tiny \(log):e-000000000003")
        let warned = try await bench.run("ocibuild --root $WORK/new image list")
        #expect(warned.status == 0 && warned.output.contains("im_"), "\(warned)")
        #expect(warned.error.contains("event 3 is void") && warned.error.contains("is no event"), "\(warned)")
    }
}
