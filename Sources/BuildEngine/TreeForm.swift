import Codecs
import Glibc
import LinuxSystem
import OCISpec
import Sandboxing

/// How this process keeps the trees of layers: what it may do decides, and trees that one process kept in one way are no
/// use to another that needs a different one. Trees of different forms lie side by side in a store.
package struct TreeForm: Hashable, Sendable {
    /// What names it on disk.
    package let name: String
    /// How owners, modes and devices are kept.
    package let ownership: TreeOwnership
    /// Of the attributes by which overlay marks opaque directories.
    package let attributePrefix: String

    /// Real owners, and marks that only the machine's administrator may set.
    package static let trusted = TreeForm(name: "trusted", ownership: .real, attributePrefix: "trusted.overlay.")
    /// Real owners.
    package static let user = TreeForm(name: "user", ownership: .real, attributePrefix: "user.overlay.")
    /// All files are the builder's own, and say whose they are meant to be.
    package static let recorded = TreeForm(
        name: "recorded", ownership: .recorded, attributePrefix: "user.overlay.")

    /// Owners as a user namespace with these maps has them. The same number is another file's owner under another map,
    /// so the maps are part of the name.
    package static func mapped(users: UserNamespaceMap, groups: UserNamespaceMap) -> TreeForm {
        let maps = Digest.sha256(of: Array("\(users.text)/\(groups.text)".utf8))
        return TreeForm(
            name: "user-\(maps.hex.prefix(16))", ownership: .mapped, attributePrefix: "user.overlay.")
    }

    /// The form that this process keeps trees in when its steps run on that rung; nil for the rung that it takes by itself.
    package static func ofThisProcess(for isolation: Isolation?) -> TreeForm {
        if isolation == .single || geteuid() != 0 { return recorded }
        let users = UserNamespaceMap.users()
        if users.isInitial || users.extents.isEmpty { return LinuxCapability.sysAdmin.isEffective ? trusted : user }
        // A namespace in which there is nobody but root has no owners to give.
        if users.extents.reduce(0, { $0 + UInt64($1.count) }) == 1 { return recorded }
        return mapped(users: users, groups: .groups())
    }
}
