/// A block of memory for reading into, aligned to pages and freed with the object.
final class ReadBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { bytes = .allocate(byteCount: count, alignment: 4096) }

    deinit { bytes.deallocate() }
}
