import LinuxSystem

/// The content of one entry, with holes filled in.
final class TarContent {
    private let input: TarInput
    private let path: Path
    /// Bytes of the entry left in the archive, padding not among them.
    private var stored: Int64
    private var padding: Int64
    /// Pieces of the file in order; nil where the file has no holes.
    private var map: SparseMap?
    private var position: Int64 = 0

    init(_ input: TarInput, _ path: Path, stored: Int64, padding: Int64, map: SparseMap?) {
        self.input = input
        self.path = path
        self.stored = stored
        self.padding = padding
        self.map = map
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let size = map?.size else { return try readStored(into: buffer) }
        guard position < size else { return 0 }
        while let piece = map?.pieces.last, piece.end <= position { map?.pieces.removeLast() }
        let next = map?.pieces.last
        if let next, next.start <= position {
            let room = Int(min(Int64(buffer.count), next.end - position))
            let length = try readStored(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<room]))
            guard length > 0 else { throw TarInput.cutShort(at: input.offset) }
            position += Int64(length)
            return length
        }
        let length = Int(min(Int64(buffer.count), (next?.start ?? size) - position))
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]).initializeMemory(as: UInt8.self, repeating: 0)
        position += Int64(length)
        return length
    }

    /// Reads past what is left, and the padding.
    func skipRest() throws {
        try input.skip(stored)
        stored = 0
        try input.skip(padding)
        padding = 0
    }

    private func readStored(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard stored > 0 else { return 0 }
        let room = Int(min(Int64(buffer.count), stored))
        let length = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<room]))
        guard length > 0 else {
            throw ArchiveError(
                .truncated, path, at: nil, "the archive ends within its content, \(stored) bytes before its end")
        }
        stored -= Int64(length)
        return length
    }
}
