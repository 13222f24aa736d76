import Archive
import Codecs
import Glibc
import Layers
import LinuxSystem
import Synchronization

/// A layer's whole way, from a file to the blob's digest, beside the floor: what the same library calls take on the same
/// bytes when nobody reads, copies, writes or waits. That is SHA-256 of the content on one thread and, at the same
/// time, the compression of its pieces on the others.
enum PipelineSuites {
    static let entries: [SuiteEntry] = [
        .micro("pipeline", "a layer's whole way, beside the floor that its library calls set", pipeline)
    ]

    private static func pipeline(_ session: BenchSession) throws -> Suite {
        let file = "\(session.workplace.path)/usr.tar"
        if session.workplace.size(of: file) == nil {
            try Command.run("tar -C / -cf - usr 2>/dev/null | head -c \(session.options.size << 20) > '\(file)'")
        }
        let content = try MappedFile(file)
        let threads = session.options.threads
        var subjects = [
            Subject(name: "floor: SHA-256, one thread") { hash(content) },
            Subject(name: "floor: ISA-L -1, one thread") { try compress(content, .fast, threads: 1) },
        ]
        for (name, compression) in [("fast", Compression.fast), ("default", .default)] {
            subjects += [
                Subject(name: "floor: \(name), \(max(1, threads - 1)) beside SHA-256") {
                    try floor(content, compression, threads: threads)
                },
                Subject(name: "ocibuild layer \(name), threads \(threads)") {
                    try layer(file, size: content.bytes.count, compression, threads: threads)
                },
            ]
            subjects[subjects.count - 1].outputSize = try FileCompression.compress(
                file, as: name, threads: threads
            ).outputSize
        }
        let peers = ["igzip -1 -T \(threads) -c", "pigz -6 -p \(threads) -c", "zstd -3 -q -T\(threads) -c"]
        subjects += peers.map { Subject(name: $0, command: "\($0) < '\(file)' > /dev/null") }
        return Suite(
            name: "pipeline", workload: "/usr as one file of a layer", inputSize: Int64(content.bytes.count),
            subjects: subjects)
    }

    private static func hash(_ content: MappedFile) {
        var hasher = SHA256Hasher()
        hasher.update(content.bytes)
        _ = hasher.finalize()
    }

    private static func compress(_ content: MappedFile, _ compression: Compression, threads: Int) throws {
        let next = Counter()
        try inThreads(threads) {
            let compressor = try PieceCompressor(compression)
            let room = UnsafeMutableRawBufferPointer.allocate(
                byteCount: PieceCompressor.bound(compression.pieceSize), alignment: 64)
            defer { room.deallocate() }
            while true {
                let start = next.take() * compression.pieceSize
                guard start < content.bytes.count else { return }
                let end = min(start + compression.pieceSize, content.bytes.count)
                _ = try compressor.compress(UnsafeRawBufferPointer(rebasing: content.bytes[start..<end]), into: room)
            }
        }
    }

    private static func floor(_ content: MappedFile, _ compression: Compression, threads: Int) throws {
        let first = Counter()
        try inThreads(2) {
            if first.take() == 0 { return hash(content) }
            try compress(content, compression, threads: max(1, threads - 1))
        }
    }

    private static func layer(_ file: String, size: Int, _ compression: Compression, threads: Int) throws {
        let writer = LayerWriter(NullWriter(), options: .init(compression: compression, threads: threads))
        let entry = ArchiveEntry(path: "usr.tar", type: .regular, mode: 0o644, size: Int64(size))
        try writer.append(entry, contentOf: try OwnedDescriptor.open(Path(file), O_RDONLY))
        _ = try writer.finish()
    }

    /// Runs `body` on so many threads at once; throws what one of them threw.
    private static func inThreads(_ count: Int, _ body: @escaping @Sendable () throws -> Void) throws {
        let failure = Mutex<(any Error)?>(nil)
        let work = Work {
            do { try body() } catch { failure.withLock { $0 = error } }
        }
        let threads = (0..<count).map { _ in
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { argument in
                    if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                    return nil
                }, Unmanaged.passRetained(work).toOpaque())
            return thread
        }
        for thread in threads { pthread_join(thread, nil) }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private final class Counter: Sendable {
    private let value = Atomic(0)
    func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// A file as memory, for as long as the object lives.
// @unchecked Sendable: nobody writes to it.
private final class MappedFile: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ path: String) throws {
        let file = try OwnedDescriptor.open(Path(path), O_RDONLY)
        let size = Int(try file.status().size)
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.raw, 0), memory != MAP_FAILED
        else { throw BenchError("\(path) cannot be mapped") }
        bytes = UnsafeRawBufferPointer(start: memory, count: size)
    }

    deinit { munmap(UnsafeMutableRawBufferPointer(mutating: bytes).baseAddress, bytes.count) }
}
