import Archive
import Codecs
import Glibc
import LinuxSystem
import Synchronization

extension ContentDigests {
    /// The selection with the digests of all its files: what was not known when it was made is read, on `threads` threads.
    func completed(
        _ selection: Solver.Boxed<CopySelection>, threads: Int
    ) async throws -> Solver.Boxed<CopySelection> {
        let reading = DigestReading(selection)
        guard !reading.isDone else { return selection }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(threads, reading.pieceCount)) {
                group.addTask { try await BlockingPool.shared.run { try reading.work(for: self) } }
            }
            try await group.waitForAll()
        }
        return reading.completed
    }
}

/// Files of a selection that are read for their digests, by several threads at once.
private final class DigestReading: Sendable {
    private struct Place {
        let source: Int
        let file: Int
    }

    /// How many files a thread takes at once.
    private static let pieceLength = 64
    private let selection: Solver.Boxed<CopySelection>
    private let places: [Place]
    private let next = Atomic(0)
    private let found: Mutex<[(Place, ContentDigest)]>

    init(_ selection: Solver.Boxed<CopySelection>) {
        self.selection = selection
        var places: [Place] = []
        for (source, item) in selection.value.sources.enumerated() {
            for (index, file) in item.files.enumerated() where file.identity != nil && file.digest == nil {
                places.append(Place(source: source, file: index))
            }
        }
        self.places = places
        found = Mutex([])
    }

    var isDone: Bool { places.isEmpty }

    var pieceCount: Int { (places.count + Self.pieceLength - 1) / Self.pieceLength }

    /// Reads piece after piece until there is none left; blocks.
    func work(for digests: ContentDigests) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var read: [(Place, ContentDigest)] = []
        while true {
            let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard piece < pieceCount else { break }
            for place in places[(piece * Self.pieceLength)..<min((piece + 1) * Self.pieceLength, places.count)] {
                let file = selection.value.sources[place.source].files[place.file]
                guard let content = file.content, let identity = file.identity else { continue }
                let started = FileTime.now
                let digest = try Self.digest(of: content, buffer)
                digests.remember(
                    DigestTable.Record(identity: identity, digest: digest, isPlain: file.entry.attributes.isEmpty),
                    readAt: started)
                read.append((place, digest))
            }
        }
        found.withLock { [read] in $0 += read }
    }

    /// The selection with what was read.
    var completed: Solver.Boxed<CopySelection> {
        var completed = selection.value
        for (place, digest) in found.withLock({ $0 }) {
            completed.sources[place.source].files[place.file].digest = digest
        }
        return Solver.Boxed(value: completed)
    }

    private static func digest(of path: Path, _ buffer: UnsafeMutableRawBufferPointer) throws -> ContentDigest {
        let file = try OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK)
        var hasher = SHA256Hasher()
        while true {
            let count = try file.read(into: buffer)
            if count == 0 { break }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return ContentDigest(hasher.finalizeBytes())
    }
}
