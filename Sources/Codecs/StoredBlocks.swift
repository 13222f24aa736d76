/// Deflate data that holds bytes as they are (RFC 1951, section 3.2.4).
enum StoredBlocks {
    private static let blockLimit = 65_535
    private static let headerSize = 5

    /// Writes `input`, which is not empty, to the start of `output`, which has room for five bytes more for each
    /// 65,535; returns the number of bytes written.
    /// - Parameter isLast: whether the data ends with it. Whatever comes before or after is at a byte's boundary.
    static func write(
        _ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer, isLast: Bool = true
    ) -> Int {
        var (start, end) = (0, 0)
        while start < input.count {
            let length = min(blockLimit, input.count - start)
            output[end] = isLast && start + length == input.count ? 1 : 0
            output.storeBytes(of: UInt16(length).littleEndian, toByteOffset: end + 1, as: UInt16.self)
            output.storeBytes(of: (~UInt16(length)).littleEndian, toByteOffset: end + 3, as: UInt16.self)
            UnsafeMutableRawBufferPointer(rebasing: output[(end + headerSize)...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: input[start..<start + length]))
            start += length
            end += headerSize + length
        }
        return end
    }
}
