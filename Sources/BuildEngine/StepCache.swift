import LinuxSystem
import OCISpec

/// Where step records are kept.
package protocol StepCache: Sendable {
    /// The record of that key, or nil. A record that cannot be read counts as none.
    func lookup(_ key: StepKey) throws -> StepRecord?
    /// Makes the record visible at once or not at all.
    func store(_ record: StepRecord, for key: StepKey) throws
    /// All records, for deciding what may be deleted.
    func records() throws -> [(key: StepKey, record: StepRecord)]
    /// Forgets a record.
    func remove(_ key: StepKey) throws
}

/// Step records as one small file each, in the store's `steps` folder.
package struct DiskStepCache: StepCache {
    private let folder: Path

    /// Opens the records below the store's root, making the folder where there is none.
    package init(storeRoot: Path) throws {
        folder = storeRoot / "steps"
        try FileSystem.makeDirectories(folder)
    }

    package func lookup(_ key: StepKey) throws -> StepRecord? {
        guard let bytes = try? FileSystem.readFile(folder / Path(key.hex), limit: 1 << 20) else { return nil }
        return try? CanonicalJSON.decode(StepRecord.self, from: bytes)
    }

    package func store(_ record: StepRecord, for key: StepKey) throws {
        // Not durable on purpose: a record lost in a power cut costs one step; a torn one is never read, for the
        // rename comes after the content.
        try FileSystem.writeAtomically(CanonicalJSON.encode(record), to: folder / Path(key.hex), durable: false)
    }

    package func records() throws -> [(key: StepKey, record: StepRecord)] {
        try DirectoryListing.entries(at: folder).compactMap { entry in
            guard let name = entry.name.string, name.count == 64 else { return nil }
            let key = StepKey(hex: name)
            return try lookup(key).map { (key, $0) }
        }
    }

    package func remove(_ key: StepKey) throws {
        do { try FileSystem.unlink(folder / Path(key.hex)) } catch { if error.errno != .noEntry { throw error } }
    }
}
