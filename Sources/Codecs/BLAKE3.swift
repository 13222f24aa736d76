import CBLAKE3

/// BLAKE3 without a key: https://github.com/BLAKE3-team/BLAKE3-specs. It is several times as fast as SHA-256, and several
/// threads may hash one input, so it names what only this program sees; whatever OCI sees is named by SHA-256.
package enum BLAKE3 {
    /// A digest, or the chaining value of a part of an input: 32 bytes.
    package typealias Value = [4 of UInt64]

    /// The size of a chunk, a leaf of the tree that is hashed.
    package static let chunkSize = Int(CBLAKE3_CHUNK)

    /// The digest of these bytes.
    package static func digest(of bytes: UnsafeRawBufferPointer) -> Value {
        value { cblake3(bytes.baseAddress, bytes.count, $0) }
    }

    /// The chaining value of a part of an input, for ``join(_:)``. All its parts have the same length, which is a power of
    /// two of chunks, but for the last, which may be shorter; none is empty.
    package static func part(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Value {
        value { cblake3_part(bytes.baseAddress, bytes.count, UInt64(offset) / UInt64(chunkSize), $0) }
    }

    /// The digest of the input whose parts, two or more, have these chaining values.
    package static func join(_ parts: consuming [Value]) -> Value {
        precondition(parts.count > 1, "an input of one part is hashed as a whole")
        return parts.withUnsafeMutableBytes { values in
            value { cblake3_join(values.baseAddress, values.count / Int(CBLAKE3_SIZE), $0) }
        }
    }

    /// The digest by that many lanes of the processor's vectors: 4, 8 or 16; nil where it has no such.
    package static func digest(of bytes: UnsafeRawBufferPointer, lanes: Int) -> Value? {
        var isDone = false
        let digest = value { isDone = cblake3_in_lanes(CInt(lanes), bytes.baseAddress, bytes.count, $0) }
        return isDone ? digest : nil
    }

    private static func value(_ write: (UnsafeMutablePointer<UInt8>?) -> Void) -> Value {
        var value = Value(repeating: 0)
        withUnsafeMutableBytes(of: &value) { write($0.bindMemory(to: UInt8.self).baseAddress) }
        return value
    }
}
