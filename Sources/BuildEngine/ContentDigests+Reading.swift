import Archive
import LinuxSystem
import Synchronization

extension ContentDigests {
    /// The selection with the digests of all its files: what was not known when it was made is read, on `threads` threads.
    func completed(
        _ selection: Solver.Boxed<CopySelection>, threads: Int
    ) async throws -> Solver.Boxed<CopySelection> {
        let reading = DigestReading(selection)
        guard reading.pieceCount > 0 else { return selection }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(threads, reading.pieceCount)) {
                group.addTask { try await BlockingPool.shared.run { try reading.work(for: self) } }
            }
            try await group.waitForAll()
        }
        return reading.completed
    }
}

/// Files of a selection that are read for their digests, by several threads at once; a large file by all of them.
private final class DigestReading: Sendable {
    private struct Place {
        let source: Int
        let file: Int
    }

    /// A segment of a large file.
    private struct Segment {
        let place: Place
        let file: SegmentedFile
        let number: Int
    }

    /// How many small files a thread takes at once.
    private static let pieceLength = 64
    private let selection: Solver.Boxed<CopySelection>
    private let segments: [Segment]
    private let small: [Place]
    private let next = Atomic(0)
    private let found: Mutex<[(Place, ContentDigest)]>

    init(_ selection: Solver.Boxed<CopySelection>) {
        self.selection = selection
        var segments: [Segment] = []
        var small: [Place] = []
        for (source, item) in selection.value.sources.enumerated() {
            for (index, file) in item.files.enumerated() where file.digest == nil {
                guard let identity = file.identity, let content = file.content else { continue }
                let place = Place(source: source, file: index)
                if identity.size <= Int64(FileParts.length) {
                    small.append(place)
                } else {
                    let file = SegmentedFile(content, size: identity.size)
                    segments += (0..<file.segmentCount).map { Segment(place: place, file: file, number: $0) }
                }
            }
        }
        self.segments = segments
        self.small = small
        found = Mutex([])
    }

    /// Segments first: what the threads end with is little, so that they end together.
    var pieceCount: Int { segments.count + (small.count + Self.pieceLength - 1) / Self.pieceLength }

    /// Reads piece after piece until there is none left; blocks.
    func work(for digests: ContentDigests) throws {
        let buffer = FileParts.buffer()
        defer { buffer.deallocate() }
        var read: [(Place, ContentDigest)] = []
        func keep(_ place: Place, _ digest: ContentDigest, readAt started: FileTime) {
            read.append((place, digest))
            let file = selection.value.sources[place.source].files[place.file]
            guard let identity = file.identity else { return }
            digests.remember(
                DigestTable.Record(identity: identity, digest: digest, isPlain: file.entry.attributes.isEmpty),
                readAt: started)
        }
        while true {
            let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard piece < pieceCount else { break }
            if piece < segments.count {
                let segment = segments[piece]
                let digest = try segment.file.read(segment.number, buffer)
                if let digest { keep(segment.place, digest, readAt: segment.file.started) }
                continue
            }
            let start = (piece - segments.count) * Self.pieceLength
            for place in small[start..<min(start + Self.pieceLength, small.count)] {
                let file = selection.value.sources[place.source].files[place.file]
                guard let content = file.content, let identity = file.identity else { continue }
                let started = FileTime.now
                keep(place, try FileParts(content, buffer).digest(size: identity.size), readAt: started)
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
}
