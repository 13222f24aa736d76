import LinuxSystem

/// Counts bytes and lets them go.
final class NullWriter: ByteWriter {
    private(set) var count = 0

    func write(_ bytes: UnsafeRawBufferPointer) { count += bytes.count }
}
