import Codecs
import Layers
import LinuxSystem
import OCIContent
import OCISpec

/// Step results that several machines share: in a repository of a registry, or in an image layout on this machine.
///
/// Every entry is an image of its own under a tag that follows from what it is about, so that any number of machines may
/// read and write at once: there is no index to fight over, tags change as a whole, and of two entries for one key both
/// are right.
package struct SharedCache: Sendable {
    /// What messages call it: `registry.example/app/cache`, or a folder.
    package let name: String
    /// As `BlobOrigins` lists it.
    package let place: String
    /// Where the entries are.
    package let contents: any TaggedManifests
    /// The repository of the entries; its tag does not count.
    package let repository: Reference
    /// Only what one of these signed is believed; nil believes everything.
    package let keys: SigningKeys?
    /// Entries older than so many seconds are not used; nil for no limit.
    package let maximumAge: Int64?

    /// A cache of these parts.
    package init(
        name: String, place: String, contents: any TaggedManifests, repository: Reference, keys: SigningKeys?,
        maximumAge: Int64?
    ) {
        self.name = name
        self.place = place
        self.contents = contents
        self.repository = repository
        self.keys = keys
        self.maximumAge = maximumAge
    }

    /// The entry under a tag: nil where there is none, or where it is too old. Throws ``CacheRefusal`` where what is
    /// there may not be used.
    func entry(_ tag: String) async throws -> CacheEntry? {
        guard let found = try await contents.manifest(tagged: reference(tag)) else { return nil }
        let entry = try CacheManifest.entry(in: found.bytes, tag: tag, keys: keys)
        if let maximumAge, FileTime.now.seconds - entry.created > maximumAge { return nil }
        return entry
    }

    /// The shape that an entry names, verified by its digest; nil where it names none.
    func shape(of entry: CacheEntry) async throws -> TableOfContents? {
        guard let blob = entry.shape else { return nil }
        guard blob.size <= ShapeLayer.longest else {
            throw CacheRefusal(
                reason: .invalid, subject: entry.tag, message: "its table of contents has \(blob.size) bytes")
        }
        let bytes = try await contents.bytes(of: blob.descriptor, limit: Int(ShapeLayer.longest))
        return try await BlockingPool.shared.run { try ShapeLayer.shape(in: bytes) }
    }

    /// The name of the entry under a tag.
    func reference(_ tag: String) -> Reference {
        Reference(domain: repository.domain, repository: repository.repository, tag: tag)
    }
}
