import Glibc
import LinuxSystem
import Testing

/// An overlay mount for the time of a test; needs root.
final class OverlayMount {
    let point: Path
    private var isMounted = false

    /// Mounts `lowers`, topmost first, with `upper` where it is to be writable.
    init(lowers: [Path], upper: Path? = nil, work: Path? = nil, at point: Path) throws {
        self.point = point
        try FileSystem.makeDirectories(point)
        var options = "lowerdir=" + lowers.map(\.description).joined(separator: ":")
        if let upper, let work {
            try FileSystem.makeDirectories(work)
            options += ",upperdir=\(upper),workdir=\(work)"
        }
        options += ",redirect_dir=off,metacopy=off,index=off"
        let result = options.withCString { data in
            point.withCString { mount("overlay", $0, "overlay", 0, data) }
        }
        guard result == 0 else {
            throw SystemError("mount overlay (this test needs root with CAP_SYS_ADMIN)", point)
        }
        isMounted = true
    }

    /// Unmounts, waiting for nothing.
    func end() throws {
        guard isMounted else { return }
        _ = try checked("umount", point) { point.withCString { umount2($0, 0) } }
        isMounted = false
    }

    deinit { if isMounted { _ = point.withCString { umount2($0, Int32(MNT_DETACH)) } } }
}
