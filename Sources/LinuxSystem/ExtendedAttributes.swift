import CLinux
import Glibc

/// Extended attributes of a file itself (never of a symbolic link's target); see xattr(7).
package enum ExtendedAttributes {
    /// The names of all attributes that the caller may see; none where the file system keeps none.
    package static func names(of path: Path) throws(SystemError) -> [[UInt8]] {
        var buffer = [CChar](repeating: 0, count: 1024)
        while true {
            let count = path.withCString { name in
                buffer.withUnsafeMutableBufferPointer { clinux_llistxattr(name, $0.baseAddress, $0.count) }
            }
            if count >= 0 {
                return buffer[..<count].split(separator: 0).map { $0.map(UInt8.init(bitPattern:)) }
            }
            let error = Errno.current
            if error == .notSupported { return [] }
            guard error == .range, buffer.count < 1 << 20 else { throw SystemError("listxattr", path, errno: error) }
            buffer = [CChar](repeating: 0, count: buffer.count * 8)
        }
    }

    /// The value of an attribute, or nil where the file has none of that name.
    package static func value(_ name: [UInt8], of path: Path) throws(SystemError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let attribute = Path(bytes: name)
        while true {
            let count = path.withCString { file in
                attribute.withCString { name in
                    buffer.withUnsafeMutableBytes { clinux_lgetxattr(file, name, $0.baseAddress, $0.count) }
                }
            }
            if count >= 0 { return Array(buffer[..<count]) }
            let error = Errno.current
            if error == .noData || error == .notSupported { return nil }
            guard error == .range, buffer.count < 1 << 17 else {
                throw SystemError("getxattr \(attribute) of", path, errno: error)
            }
            buffer = [UInt8](repeating: 0, count: buffer.count * 16)
        }
    }

    /// Sets an attribute, whether or not the file has it already.
    package static func set(_ name: [UInt8], _ value: [UInt8], of path: Path) throws(SystemError) {
        let attribute = Path(bytes: name)
        _ = try checked("setxattr \(attribute) of", path) {
            path.withCString { file in
                attribute.withCString { name in
                    value.withUnsafeBytes { clinux_lsetxattr(file, name, $0.baseAddress, $0.count, 0) }
                }
            }
        }
    }

    /// Removes an attribute; content when there is none of that name.
    package static func remove(_ name: [UInt8], of path: Path) throws(SystemError) {
        let attribute = Path(bytes: name)
        do throws(SystemError) {
            _ = try checked("removexattr \(attribute) of", path) {
                path.withCString { file in attribute.withCString { clinux_lremovexattr(file, $0) } }
            }
        } catch {
            if error.errno != .noData { throw error }
        }
    }
}
