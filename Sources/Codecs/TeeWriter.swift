import LinuxSystem

/// Writes the same bytes to two places, the first before the second.
package final class TeeWriter: ByteWriter {
    private let first: any ByteWriter
    private let second: any ByteWriter

    /// Copies to `first` and `second`; the error of either ends the stream.
    package init(_ first: any ByteWriter, _ second: any ByteWriter) {
        self.first = first
        self.second = second
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try first.write(bytes)
        try second.write(bytes)
    }
}
