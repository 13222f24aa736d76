import Glibc

/// A path as the kernel sees it: any bytes but NUL, compared byte by byte.
///
/// Never a `String`: two names that differ only in Unicode normalisation are two files, and names need not be UTF-8.
package struct Path: Hashable, Sendable {
    /// The path's bytes, without a terminating NUL.
    package var bytes: [UInt8]

    /// A path of these bytes; whatever follows a NUL is dropped, as the kernel would.
    package init(bytes: some Sequence<UInt8>) {
        self.init(bytes: Array(bytes))
    }

    /// As ``init(bytes:)`` of any sequence, which is not specialised for other modules.
    package init(bytes: [UInt8]) {
        self.bytes = if let end = bytes.firstIndex(of: 0) { Array(bytes[..<end]) } else { bytes }
    }

    /// As ``init(bytes:)`` of any sequence, which is not specialised for other modules.
    package init(bytes: ArraySlice<UInt8>) {
        self.bytes = Array(bytes[..<(bytes.firstIndex(of: 0) ?? bytes.endIndex)])
    }

    /// A path of bytes that are known to hold no NUL, as those that the kernel gave.
    init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// A path of the string's UTF-8 bytes.
    package init(_ string: some StringProtocol) {
        self.init(bytes: string.utf8)
    }

    /// True when the path begins at the root.
    package var isAbsolute: Bool { bytes.first == slash }

    /// True for the empty path, which names the root of a tree in changesets and tables.
    package var isEmpty: Bool { bytes.isEmpty }

    /// The names between slashes; empty ones are dropped, "." and ".." are kept.
    package var components: [Path] {
        bytes.split(separator: slash).map { Path(bytes: $0 as ArraySlice<UInt8>) }
    }

    /// The last name, or nil where there is none ("/" and "").
    package var lastComponent: Path? {
        guard let end = bytes.lastIndex(where: { $0 != slash }) else { return nil }
        let start = bytes[..<end].lastIndex(of: slash).map { $0 + 1 } ?? 0
        return Path(bytes: bytes[start...end])
    }

    /// The path without its last name: "/a/b" → "/a", "/a" → "/", "a/b" → "a"; nil where nothing would remain.
    package var parent: Path? {
        guard let end = bytes.lastIndex(where: { $0 != slash }) else { return nil }
        guard let cut = bytes[..<end].lastIndex(of: slash) else { return nil }
        guard let keep = bytes[..<cut].lastIndex(where: { $0 != slash }) else { return Path(bytes: [slash]) }
        return Path(bytes: bytes[...keep])
    }

    /// The two paths joined by one slash; a leading slash of `other` is dropped, so the result stays beneath `self`
    /// unless `other` has ".." components.
    package func appending(_ other: Path) -> Path {
        var tail = other.bytes[...]
        while tail.first == slash { tail = tail.dropFirst() }
        if bytes.isEmpty { return Path(bytes: tail) }
        if tail.isEmpty { return self }
        var joined = bytes
        joined.reserveCapacity(bytes.count + 1 + tail.count)
        if joined.last != slash { joined.append(slash) }
        joined.append(contentsOf: tail)
        return Path(unchecked: joined)
    }

    /// Same as ``appending(_:)``.
    package static func / (directory: Path, name: Path) -> Path { directory.appending(name) }

    /// True when `directory` is this path or one of its parents, by whole components.
    package func hasPrefix(_ directory: Path) -> Bool {
        guard bytes.starts(with: directory.bytes) else { return false }
        let rest = bytes.count - directory.bytes.count
        return rest == 0 || directory.bytes.isEmpty || directory.bytes.last == slash
            || bytes[directory.bytes.count] == slash
    }

    /// The path with "." and doubled slashes dropped and ".." folded, never above its start.
    package func lexicallyNormalized() -> Path {
        var kept: [Path] = []
        for component in components {
            if component.bytes == [dot] { continue }
            if component.bytes == [dot, dot] {
                _ = kept.popLast()
            } else {
                kept.append(component)
            }
        }
        let joined = kept.map(\.bytes).joined(separator: [slash])
        return Path(bytes: isAbsolute ? [slash] + Array(joined) : Array(joined))
    }

    /// The path as text, or nil when it is not UTF-8.
    package var string: String? { String(validating: bytes, as: UTF8.self) }

    /// Calls `body` with the path as a NUL-terminated string that lives for the call.
    package func withCString<R, E: Error>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
        // On the stack but for the longest: trees have tens of thousands of paths.
        let outcome: Result<R, E> = withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { room in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(room).copyMemory(from: $0) }
            room[bytes.count] = 0
            // Room for a terminator is never empty, so it has an address.
            let base = room.baseAddress.unsafelyUnwrapped
            do throws(E) { return .success(try body(base)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

extension Path: Comparable {
    package static func < (left: Path, right: Path) -> Bool {
        left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                let length = min(left.count, right.count)
                guard length > 0, let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(first, second, length)
                return order == 0 ? left.count < right.count : order < 0
            }
        }
    }
}

// As blocks of memory: trees have tens of thousands of paths, and the standard library takes arrays byte by byte.
extension Path {
    package static func == (left: Path, right: Path) -> Bool {
        left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                guard left.count == right.count else { return false }
                guard let first = left.baseAddress, let second = right.baseAddress else { return true }
                return memcmp(first, second, left.count) == 0
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        hasher.combine(bytes.count)
    }
}

extension Path: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

extension Path: CustomStringConvertible {
    /// The path for messages: control bytes and invalid UTF-8 are written as `\xNN`.
    package var description: String {
        if let string, !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return string }
        return bytes.map { byte in
            if byte >= 0x20, byte < 0x7F { return String(UnicodeScalar(byte)) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "\\x" + (hex.count == 1 ? "0" + hex : hex)
        }.joined()
    }
}
