import LinuxSystem

/// Paths inside a tree: relative, without "." and "..", "" for the root.
extension Path {
    /// The directory that holds this name; "" for a name at the top, and for the root itself.
    package var directory: Path { parent ?? "" }

    /// True for "..".
    var isParentReference: Bool { bytes == [UInt8(ascii: "."), UInt8(ascii: ".")] }

    /// True when one of the names is "..".
    var hasParentReference: Bool {
        // Most paths have no two dots side by side.
        let hasTwoDots = bytes.withUnsafeBytes { bytes in
            let dot = UInt8(ascii: ".")
            var index = 1
            while index < bytes.count {
                if bytes[index] == dot, bytes[index - 1] == dot { return true }
                index += 1
            }
            return false
        }
        guard hasTwoDots else { return false }
        return components.contains(where: \.isParentReference)
    }

    /// True for ".".
    var isSelfReference: Bool { bytes == [UInt8(ascii: ".")] }

    /// All directories above this path, nearest first, without the root.
    var ancestors: some Sequence<Path> {
        sequence(state: self) { path in
            guard let next = path.parent, !next.isEmpty else { return nil }
            path = next
            return next
        }
    }
}
