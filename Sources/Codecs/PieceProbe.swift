/// Tells pieces that deflate would not make smaller: files that are compressed already, encrypted or random.
///
/// The answer chooses the bytes of layers, so it depends on the content alone: fixed places and integers, on every
/// processor the same. Two looks, the dear one only after the cheap one:
///
/// - Of each 64 KiB a sixteenth is counted, and each time all byte values must be about equally frequent. The first
///   64 KiB of text or machine code ends it, after 4 KiB.
/// - Then the piece must not repeat itself: places that their content chooses, about one in 64, are looked up among the
///   ones before, within the window that deflate has.
enum PieceProbe {
    /// Pieces smaller than this are left to the compressor.
    private static let smallest = 64 << 10
    private static let windowSize = 256
    private static let windowStep = 4096
    private static let windowsInSample = 16

    /// True where storing `piece` costs next to nothing.
    static func isNoise(_ piece: UnsafeRawBufferPointer) -> Bool {
        piece.count >= smallest && isLevel(piece) && !repeatsItself(piece)
    }

    /// True where every sample has all byte values about equally often.
    ///
    /// Of n bytes that are random the squares of the 256 counts add up to n²/256 + n or so; text has five to ten times
    /// as much, and 2 % more already is what a Huffman code could save of.
    static func isLevel(_ piece: UnsafeRawBufferPointer) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            var windows = 0
            var start = 0
            while start &+ windowSize <= piece.count {
                for index in start..<(start &+ windowSize) { counts[Int(piece[index])] &+= 1 }
                windows += 1
                start += windowStep
                let isSample = windows == windowsInSample
                guard isSample || start + windowSize > piece.count else { continue }
                var squares = 0
                for count in counts { squares += Int(count) * Int(count) }
                let size = windows * windowSize
                if 256 * squares > size * size + size * size / 16 + 384 * size { return false }
                counts.update(repeating: 0)
                windows = 0
            }
            return true
        }
    }

    /// True where more than one place in 32 had its eight bytes within the 32 KiB before it.
    static func repeatsItself(_ piece: UnsafeRawBufferPointer) -> Bool {
        let slots = 4096
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: slots) { seen in
            seen.initialize(repeating: 0)
            var (places, hits) = (0, 0)
            let end = piece.count - 8
            var place = 0
            while place < end {
                let four = UInt32(littleEndian: piece.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                let hash = four &* 0x9E37_79B1
                if hash >> 26 == 0 {
                    let slot = Int(hash >> 14)
                    let before = Int(seen[slot])
                    places += 1
                    if before > 0, place - before < 32 << 10,
                        piece.loadUnaligned(fromByteOffset: before, as: UInt64.self)
                            == piece.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                    {
                        hits += 1
                    }
                    seen[slot] = UInt32(truncatingIfNeeded: place)
                }
                place &+= 1
            }
            return hits * 32 > places
        }
    }
}
