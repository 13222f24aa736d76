import Glibc
import LinuxSystem

/// Chooses where the store is when nobody says.
enum StorePlace {
    /// The first of the usual places that can be used here; the very first where none can, so that an error names it.
    static func ofHost(_ environment: [String: String], user: UInt32) -> String {
        let places = candidates(environment, user: user)
        return places.first { isUsable(Path($0)) } ?? places.first ?? "/var/tmp/ocibuild-\(user)"
    }

    /// The places in their order.
    static func candidates(_ environment: [String: String], user: UInt32) -> [String] {
        func folder(_ name: String) -> String? {
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        if let named = environment["OCIBUILD_ROOT"], !named.isEmpty { return [named] }
        let own = [
            user == 0 ? "/var/lib/ocibuild" : nil, folder("XDG_DATA_HOME").map { "\($0)/ocibuild" },
            folder("HOME").map { ($0 == "/" ? "" : $0) + "/.local/share/ocibuild" },
        ]
        let shared = ["/var/tmp", folder("TMPDIR"), "/tmp"].compactMap { $0 }
        return own.compactMap { $0 } + shared.map { "\($0)/ocibuild-\(user)" }
    }

    /// Whether a store is there or can be made there. One that belongs to somebody else counts: it is the store's to
    /// refuse it, and nobody's to lead us elsewhere by putting a folder in our way.
    static func isUsable(_ place: Path) -> Bool {
        var path = place
        while true {
            if FileSystem.exists(path) {
                guard path == place || isFolder(path) else { return false }
                if path == place, let status = try? FileSystem.status(path), status.uid != geteuid() { return true }
                return path.withCString { access($0, W_OK | X_OK) } == 0
            }
            guard let parent = path.parent, parent != path else { return false }
            path = parent
        }
    }

    private static func isFolder(_ path: Path) -> Bool {
        (try? FileSystem.status(path, following: true))?.type == .directory
    }
}
