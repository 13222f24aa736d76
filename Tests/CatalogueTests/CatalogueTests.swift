import Catalogue
import LinuxSystem
import OCISpec
import Testing

@Suite("A catalogue")
struct CatalogueTests {
    @Test("An image is created, committed, renamed and deleted, and another machine sees it")
    func life() async throws {
        let registry = SimulatedRegistry()
        let here = Bench.catalogue(registry)
        let there = Bench.catalogue(registry)
        let user = try Bench.user()
        #expect(try await there.state().sortedImages == [])
        let made = try await here.create(
            name: "wordcount", originalTag: "wc", description: "Counts.", readme: "# Words\n", by: user)
        #expect(made.committed == nil && made.name == "wordcount" && made.author == user)
        #expect(made.author.id.hasPrefix("us_") && made.author.displayName == "Beaker Examples")
        #expect(try await there.state().image(made.id) == made)
        let committed = try await there.commit(made.id, content: Bench.content, by: user)
        #expect(committed.content == Bench.content)
        #expect(committed.created == made.created && (committed.committed ?? "") > made.created)
        let renamed = try await here.rename(made.id, to: "count", by: try Bench.user("ann"))
        #expect(renamed.name == "count" && renamed.author == user && renamed.readme == "# Words\n")
        #expect(try await there.state().names == ["count": made.id])
        try await there.delete(made.id, by: user)
        let state = try await here.state()
        #expect(state.sortedImages == [] && state.names == [:] && state.problems == [])
        let gone = #expect(throws: CatalogueError.self) { try state.image(made.id) }
        #expect(gone?.code == .unknownImage && gone?.message.contains("by examples") == true)
        let again = try await here.create(name: "count", originalTag: "wc", by: user)
        #expect(again.id != made.id)
        #expect(registry.tags.keys.filter { $0.hasPrefix("e-") }.count == 5)
    }

    @Test("What a name or an image does not allow")
    func refusals() async throws {
        let registry = SimulatedRegistry()
        let catalogue = Bench.catalogue(registry)
        let user = try Bench.user()
        let first = try await catalogue.create(name: "wordcount", originalTag: "wordcount", by: user)
        let taken = await catalogueError {
            _ = try await catalogue.create(name: "wordcount", originalTag: "x", by: user)
        }
        #expect(taken?.code == .nameTaken)
        #expect(taken?.message.contains("taken by \(first.id), created \(first.created) by examples") == true)
        #expect(taken?.message.contains("never committed") == true)
        _ = try await catalogue.commit(first.id, content: Bench.content, by: user)
        let twice = await catalogueError { _ = try await catalogue.commit(first.id, content: Bench.content, by: user) }
        #expect(twice?.code == .committed)
        let second = try await catalogue.create(name: "Wordcount", originalTag: "x", by: user)
        let moved = await catalogueError { _ = try await catalogue.rename(second.id, to: "wordcount", by: user) }
        #expect(moved?.code == .nameTaken && moved?.message.contains("choose another") == true)
        _ = try await catalogue.rename(second.id, to: "Wordcount", by: user)
        let unknown = await catalogueError { try await catalogue.delete(.make(), by: user) }
        #expect(unknown?.code == .unknownImage)
        for name in ["", "a/b", "a:1", "-x", ".x", "ä", "a b", "im_qbjvcda1sed7", String(repeating: "x", count: 129)] {
            let error = await catalogueError { _ = try await catalogue.create(name: name, originalTag: "x", by: user) }
            #expect(error?.code == .invalid, "\(name)")
        }
        let long = await catalogueError {
            _ = try await catalogue.create(
                name: "x", originalTag: "x", readme: String(repeating: "x", count: 1 << 20 + 1), by: user)
        }
        #expect(long?.code == .invalid)
        let written = registry.tags.keys.filter { $0.hasPrefix("e-") }.count
        let tag = await catalogueError {
            _ = try await catalogue.create(name: "x", originalTag: String(repeating: "x", count: 1025), by: user)
        }
        let foreign = Descriptor(mediaType: MediaType(rawValue: "text/plain"), digest: Bench.content.digest, size: 1)
        let text = await catalogueError { _ = try await catalogue.commit(second.id, content: foreign, by: user) }
        #expect(tag?.code == .invalid && text?.code == .invalid && text?.message.contains("text/plain") == true)
        #expect(registry.tags.keys.filter { $0.hasPrefix("e-") }.count == written, "no event that no reader takes")
        for name in ["", "Ann", "a/b", "a:b", "-a", "a..b", String(repeating: "a", count: 65)] {
            #expect(throws: CatalogueError.self, "\(name)") { try Bench.user(name) }
        }
    }

    @Test("Ids in both spellings, tags in one")
    func spellings() throws {
        #expect(ImageID(parsing: "bp_qbjvcda1sed7") == ImageID(parsing: "im_qbjvcda1sed7"))
        for text in ["im_QBJVCDA1SED7", "im_qbjvcda1sed", "qbjvcda1sed7", "us_qbjvcda1sed7", "im_qbjvcda1sed7x"] {
            #expect(ImageID(parsing: text) == nil)
        }
        let ballot = CatalogueTag.Ballot(round: 7, writer: "0123456789abcdef")
        for tag in [CatalogueTag.event(slot: 12), .promise(slot: 3, ballot), .accept(slot: 999_999_999_999, ballot)] {
            #expect(CatalogueTag(parsing: tag.text) == tag)
        }
        #expect(CatalogueTag.event(slot: 12).text == "e-000000000012")
        for text in [
            "latest", "e-1", "e-000000000000", "e-0000000000012", "e-+00000000001", "e--00000000001", "x-000000000001",
            "p-000000000001", "p-000000000001-000001-", "p-000000000001-000001-0123456789abcdeF",
            "e-000000000001-000001-0123456789abcdef", "a-000000000001-1-0123456789abcdef",
        ] {
            #expect(CatalogueTag(parsing: text) == nil, "\(text)")
        }
    }

    @Test("Times have microseconds, also where they are few")
    func instants() {
        #expect(Instant.text(seconds: 1_534_978_030, microseconds: 915_236) == "2018-08-22T22:47:10.915236Z")
        #expect(Instant.text(seconds: 0, microseconds: 7) == "1970-01-01T00:00:00.000007Z")
        #expect(Instant.isOne(Instant.now()))
        #expect(!Instant.isOne("2018-08-22T22:47:10Z"))
    }
}
