/// Which pieces of a sparse file are in the archive; all else is zeros.
///
/// See https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
struct SparseMap {
    struct Piece {
        let start: Int64
        let end: Int64
    }

    /// The file's size with its holes.
    let size: Int64
    /// The pieces, the last one first, so that the next one is cheap to take away.
    var pieces: [Piece] = []

    /// - Parameter numbers: offset and length of each piece, one after the other.
    /// - Returns: nil where they overlap, go backwards or beyond the file, or do not add up to `stored` bytes.
    init?(_ numbers: [Int64], size: Int64, stored: Int64) {
        guard size >= 0, numbers.count % 2 == 0 else { return nil }
        self.size = size
        var end: Int64 = 0
        var total: Int64 = 0
        for index in stride(from: 0, to: numbers.count, by: 2) {
            let (start, length) = (numbers[index], numbers[index + 1])
            guard length >= 0, start >= end else { return nil }
            let (next, overflow) = start.addingReportingOverflow(length)
            guard !overflow, next <= size else { return nil }
            end = next
            total += length
            if length > 0 { pieces.append(Piece(start: start, end: next)) }
        }
        guard total == stored else { return nil }
        pieces.reverse()
    }

    // MARK: - The four ways it is written

    /// GNU before PAX: four pieces in the header, more in blocks after it.
    static func oldGNU(_ block: TarBlock, _ input: TarInput, limit: Int) throws -> [Int64]? {
        var numbers: [Int64] = []
        guard append(block, from: 386, count: 4, to: &numbers) else { return nil }
        var isExtended = block.bytes[482] != 0
        while isExtended {
            guard let next = try input.block() else { throw TarInput.cutShort(at: input.offset) }
            guard numbers.count * 12 <= limit else {
                throw ArchiveError(.limit, at: input.offset, "the map of a sparse file is larger than \(limit) bytes")
            }
            guard append(next, from: 0, count: 21, to: &numbers) else { return nil }
            isExtended = next.bytes[504] != 0
        }
        return numbers
    }

    private static func append(_ block: TarBlock, from offset: Int, count: Int, to numbers: inout [Int64]) -> Bool {
        for index in 0..<count {
            let place = offset + 24 * index
            // An empty slot ends the list.
            if block.bytes[place] == 0 { return true }
            guard let start = block.number(place..<place + 12), let length = block.number(place + 12..<place + 24)
            else {
                return false
            }
            numbers += [start, length]
        }
        return true
    }

    /// PAX 0.0 (a record for each number) and 0.1 (one record with all of them).
    static func records(_ records: PAXRecords) -> [Int64]? {
        var texts: [ArraySlice<UInt8>]
        if let map = records.value("GNU.sparse.map") {
            texts = map.split(separator: 0x2C, omittingEmptySubsequences: false)
        } else {
            texts = []
            for record in records.records {
                let isOffset = record.key.elementsEqual("GNU.sparse.offset".utf8)
                guard isOffset || record.key.elementsEqual("GNU.sparse.numbytes".utf8) else { continue }
                guard isOffset == (texts.count % 2 == 0) else { return nil }
                texts.append(record.value[...])
            }
        }
        let numbers = texts.compactMap { decimal($0) }
        guard numbers.count == texts.count else { return nil }
        if let count = records.value("GNU.sparse.numblocks") {
            guard decimal(count) == Int64(numbers.count / 2) else { return nil }
        }
        return numbers
    }

    /// PAX 1.0: numbers in lines at the start of the content, padded to whole blocks; `stored` is reduced by them.
    static func leading(_ input: TarInput, stored: inout Int64, limit: Int) throws -> [Int64]? {
        var numbers: [Int64] = []
        var expected: Int64?
        var line: [UInt8] = []
        var taken = 0
        while Int64(numbers.count) != expected {
            guard stored >= Int64(TarBlock.size) else { return nil }
            guard taken < limit else {
                throw ArchiveError(.limit, at: input.offset, "the map of a sparse file is larger than \(limit) bytes")
            }
            guard let block = try input.block() else { throw TarInput.cutShort(at: input.offset) }
            stored -= Int64(TarBlock.size)
            taken += TarBlock.size
            for byte in block.bytes where Int64(numbers.count) != expected {
                if byte != 0x0A {
                    line.append(byte)
                    continue
                }
                guard let number = decimal(line), number >= 0 else { return nil }
                line = []
                if expected != nil {
                    numbers.append(number)
                } else {
                    guard number <= Int64(limit) else { return nil }
                    expected = 2 * number
                }
            }
        }
        return numbers
    }
}
