import Codecs
import LinuxSystem
import Synchronization

/// A large file that several threads read, each a segment at a time. Who ends last joins what they found.
final class SegmentedFile: Sendable {
    private struct State {
        var values: [BLAKE3.Value]
        var missing: Int
        /// False once less or more was found than the file had when it was chosen.
        var isWhole = true
    }

    /// The length of all segments but the last: enough that opening the file for each costs little.
    static let segmentLength = 4 * FileParts.length

    /// When the file was about to be read.
    let started = FileTime.now
    /// How many segments there are. The last has no bytes where the ones before have all of them: it finds the end.
    let segmentCount: Int
    private let path: Path
    private let size: Int64
    private let state: Mutex<State>

    /// A file that is longer than a part.
    init(_ path: Path, size: Int64) {
        self.path = path
        self.size = size
        segmentCount = Int(size / Int64(Self.segmentLength)) + 1
        let count = (size - 1) / Int64(FileParts.length) + 1
        let none = BLAKE3.Value(repeating: 0)
        state = Mutex(State(values: Array(repeating: none, count: Int(count)), missing: segmentCount))
    }

    /// Reads a segment; the digest of the whole file where it is the last to be read. Of a file that is not what it was
    /// any more, that is the digest of what it is then.
    func read(_ segment: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> ContentDigest? {
        let file = try FileParts(path, buffer)
        let start = Int64(segment) * Int64(Self.segmentLength)
        var values: [BLAKE3.Value] = []
        var isWhole = true
        for offset in stride(from: start, to: start + Int64(Self.segmentLength), by: FileParts.length)
        where offset <= size {
            let bytes = try file.read(at: offset, of: size)
            isWhole = isWhole && bytes.count == min(Int64(FileParts.length), size - offset)
            if isWhole, bytes.count > 0 { values.append(BLAKE3.part(bytes, at: offset)) }
        }
        let end = state.withLock { [values, isWhole] state -> State? in
            let first = Int(start / Int64(FileParts.length))
            for (index, value) in values.enumerated() { state.values[first + index] = value }
            state.isWhole = state.isWhole && isWhole
            state.missing -= 1
            return state.missing == 0 ? state : nil
        }
        guard let end else { return nil }
        return end.isWhole ? ContentDigest(BLAKE3.join(end.values)) : try file.digest(size: size)
    }
}
