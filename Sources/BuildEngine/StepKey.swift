import BuildModel
import Codecs
import OCISpec

/// The cache name of a step: a digest of its definition, of the identity of its inputs and of the content that it
/// copies. One function makes it for reading and for writing alike.
package struct StepKey: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package let hex: String

    package var description: String { hex }

    /// Collects the fields of a key. Every field is framed by its length, so no two different lists of fields give the
    /// same bytes.
    struct Builder: ~Copyable {
        private var hasher = SHA256Hasher()
        /// What the hasher has not seen yet: most fields are short, and a call of it is not.
        private var pending: [UInt8] = []

        /// Starts a key of this kind; the kind holds the version of what the fields mean.
        init(_ kind: String) { add(kind) }

        mutating func add(_ field: String) {
            var field = field
            field.withUTF8 { add(bytes: UnsafeRawBufferPointer($0)) }
        }

        mutating func add(bytes: [UInt8]) { bytes.withUnsafeBytes { add(bytes: $0) } }

        mutating func add(bytes: UnsafeRawBufferPointer) {
            add(number: UInt64(bytes.count))
            append(bytes)
        }

        /// Adds a number as it is: for places where every list of fields has one.
        mutating func add(number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.littleEndian) { append($0) }
        }

        /// Adds bytes of which every list of fields has the same number in this place.
        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            if pending.count + bytes.count > 16 << 10 { flush() }
            if bytes.count > 16 << 10 { hasher.update(bytes) } else { pending.append(contentsOf: bytes) }
        }

        private mutating func flush() {
            pending.withUnsafeBytes { hasher.update($0) }
            pending.removeAll(keepingCapacity: true)
        }

        mutating func add(_ fields: [String]) {
            add("[\(fields.count)]")
            for field in fields { add(field) }
        }

        /// Nothing for no files, so that a step without them has the key that it always had.
        mutating func add(_ files: [InlineFile]) {
            guard !files.isEmpty else { return }
            add("files [\(files.count)]")
            for file in files {
                add(file.name)
                add(bytes: file.content)
            }
        }

        mutating func add(_ field: String?) {
            add(field == nil ? "absent" : "present")
            if let field { add(field) }
        }

        consuming func finish() -> StepKey {
            flush()
            return StepKey(hex: hasher.finalize().hex)
        }
    }
}

/// The identity of a stack of layers by their content: see the image specification's "Layer ChainID".
/// https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
package struct ChainID: Hashable, Sendable, CustomStringConvertible {
    /// The digest, or nil for the empty stack.
    package let digest: Digest?

    /// No layers.
    package static let empty = ChainID(digest: nil)

    /// This stack with one more layer on it.
    package func adding(_ diffID: Digest) -> ChainID {
        guard let digest else { return ChainID(digest: diffID) }
        return ChainID(digest: .sha256(of: Array("\(digest) \(diffID)".utf8)))
    }

    /// The stack of these layers, bottom first.
    package static func of(_ diffIDs: [Digest]) -> ChainID {
        diffIDs.reduce(.empty) { $0.adding($1) }
    }

    package var description: String { digest?.description ?? "empty" }
}
