import Codecs
import Glibc
import LinuxSystem
import OCIContent
import OCISpec
import Synchronization

/// Where in the store's blobs the pieces of earlier layers are: `pieces/<codec>` has the newest blob first. It is a help
/// and nothing more: whoever takes a piece compares it with what it should hold.
final class KnownPieces: PieceMemory {
    private struct Place {
        /// An index into the blobs.
        var blob: Int
        var offset: Int64
        var length: Int
    }

    private struct State {
        var blobs: [Digest] = []
        var places: [PieceKey: Place] = [:]
    }

    /// As many as 64 GiB of layers have; the oldest are forgotten.
    static let limit = 65_536
    private static let magic = Array("ocibuild-pieces-1\n".utf8)
    private static let recordSize = 24
    private static let headSize = 64 + 4

    private let store: LocalStore
    private let folder: Path
    private let compression: Compression
    private let state = Mutex<State?>(nil)

    /// Those that this compression may use; nil where it is faster without.
    init?(_ store: LocalStore, root: Path, compression: Compression) {
        guard compression.reusesPieces else { return nil }
        self.store = store
        self.compression = compression
        folder = root / "pieces"
    }

    /// Found when it is needed: most builds write no layer that has a full piece.
    private var file: Path? {
        compression.reusableIdentity.map { folder / Path(Digest.sha256(of: Array($0.utf8)).hex.prefix(32)) }
    }

    func read(_ key: PieceKey, into output: UnsafeMutableRawBufferPointer) -> Int {
        let found = state.withLock { state -> (place: Place, blob: Digest)? in
            let known = state ?? file.map { Self.decode(Self.sections($0)) } ?? State()
            state = known
            return known.places[key].map { ($0, known.blobs[$0.blob]) }
        }
        guard let (place, blob) = found, place.length <= output.count,
            let file = try? OwnedDescriptor.open(store.blobPath(blob), O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
        else { return 0 }
        var count = 0
        while count < place.length {
            let room = UnsafeMutableRawBufferPointer(rebasing: output[count..<place.length])
            guard let length = try? file.read(into: room, at: place.offset + Int64(count)), length > 0 else { return 0 }
            count += length
        }
        return count
    }

    /// Remembers the pieces of a blob that is in the store now.
    func note(_ pieces: [WrittenPiece], of blob: Digest) throws {
        guard !pieces.isEmpty, blob.algorithm == .sha256, let file else { return }
        try FileSystem.makeDirectories(folder)
        let lock = try FileLock(Path(bytes: file.bytes + Array(".lock".utf8)))
        defer { withExtendedLifetime(lock) {} }
        var bytes = Self.magic + Self.encode(pieces, blob)
        var count = pieces.count
        for section in Self.sections(file) where !section.starts(with: blob.hex.utf8) {
            count += (section.count - Self.headSize) / Self.recordSize
            guard count <= Self.limit else { break }
            bytes += section
        }
        try FileSystem.writeAtomically(bytes, to: file, durable: false)
        state.withLock { $0 = nil }
    }

    // MARK: The stored form: of each blob its hash, the number of its pieces, and these

    private static func encode(_ pieces: [WrittenPiece], _ blob: Digest) -> [UInt8] {
        var bytes = Array(blob.hex.utf8)
        func append(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        let kept = pieces.prefix(limit)
        append(UInt32(kept.count))
        for piece in kept {
            append(piece.key.crc32)
            append(piece.key.adler32)
            append(UInt64(piece.length))
            append(piece.offset)
        }
        return bytes
    }

    /// The parts of the file that are whole, one for each blob; none where there is no such file.
    private static func sections(_ file: Path) -> [ArraySlice<UInt8>] {
        guard let bytes = try? FileSystem.readFile(file, limit: 16 << 20), bytes.starts(with: magic) else { return [] }
        var sections: [ArraySlice<UInt8>] = []
        var rest = bytes.dropFirst(magic.count)
        while rest.count >= headSize {
            let count = Int(number(rest.dropFirst(64), UInt32.self))
            guard count <= (rest.count - headSize) / recordSize else { break }
            let size = headSize + count * recordSize
            sections.append(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return sections
    }

    private static func decode(_ sections: [ArraySlice<UInt8>]) -> State {
        var state = State()
        for section in sections {
            let name = String(decoding: section.prefix(64), as: UTF8.self)
            guard let blob = try? Digest(parsing: "sha256:\(name)") else { continue }
            var rest = section.dropFirst(headSize)
            while !rest.isEmpty {
                let key = PieceKey(
                    crc32: number(rest, UInt32.self), adler32: number(rest.dropFirst(4), UInt32.self))
                let place = Place(
                    blob: state.blobs.count, offset: number(rest.dropFirst(16), Int64.self),
                    length: Int(clamping: number(rest.dropFirst(8), UInt64.self)))
                if place.offset >= 0, state.places[key] == nil { state.places[key] = place }
                rest = rest.dropFirst(recordSize)
            }
            state.blobs.append(blob)
        }
        return state
    }

    private static func number<N: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, _ type: N.Type) -> N {
        N(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: N.self) })
    }
}
