import Archive
import LinuxSystem

/// Which extended attributes belong to an image, and in which form.
package enum LayerAttributes {
    private static let hiddenPrefixes =
        ["trusted.overlay.", "user.overlay."].map { Array($0.utf8) } + [InodeRecord.attributePrefix]
    private static let hiddenNames = ["security.selinux", "security.ima", "security.evm"].map { Array($0.utf8) }
    /// The access control list that a directory gives to what is made in it.
    static let defaultList = Array("system.posix_acl_default".utf8)
    static let capability = Array("security.capability".utf8)

    /// False for what describes the machine or the snapshot instead of the file: the overlay's own marks (in a layer
    /// they would hide files or lead elsewhere), our own records of owners, and labels that mean nothing on another
    /// machine.
    package static func belongs(_ name: [UInt8]) -> Bool {
        guard name.contains(UInt8(ascii: ".")) else { return false }
        return !hiddenPrefixes.contains { name.starts(with: $0) } && !hiddenNames.contains(name)
    }

    /// The attributes that an image keeps, sorted by name, of the last value where a name comes twice.
    package static func filtered(_ attributes: [ExtendedAttribute]) -> [ExtendedAttribute] {
        if attributes.isEmpty { return attributes }
        var kept: [[UInt8]: [UInt8]] = [:]
        for attribute in attributes where belongs(attribute.name) {
            kept[attribute.name] = normalized(attribute.value, of: attribute.name)
        }
        return kept.map { ExtendedAttribute(name: $0.key, value: $0.value) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// The attributes that an image keeps of the file at `path`, which is in a tree of that ownership.
    package static func read(
        _ path: Path, ownership: TreeOwnership = .real
    ) throws(SystemError) -> [ExtendedAttribute] {
        let names = try ExtendedAttributes.names(of: path)
        if names.isEmpty { return [] }
        var found: [ExtendedAttribute] = []
        for name in names {
            var meaning = name
            if ownership == .recorded {
                if name == capability { continue }
                if name == InodeRecord.capabilityAttribute { meaning = capability }
            }
            // A value may vanish between the two calls when somebody else writes; then the file has no such attribute.
            guard belongs(meaning), let value = try ExtendedAttributes.value(name, of: path) else { continue }
            found.append(ExtendedAttribute(name: meaning, value: normalized(value, of: meaning)))
        }
        return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// File capabilities of revision 3 name the user namespace that set them, by an id of the building machine. An
    /// image carries revision 2, valid wherever the container's root is root. See capabilities(7).
    private static func normalized(_ value: [UInt8], of name: [UInt8]) -> [UInt8] {
        guard name == capability, value.count == 24, value[3] == 3 else { return value }
        var second = Array(value[..<20])
        second[3] = 2
        return second
    }
}
