import LinuxSystem

/// Makes tar archives that no honest writer would make.
struct RawTar {
    private(set) var bytes: [UInt8] = []

    /// Adds a member with exactly these header fields.
    mutating func add(
        _ name: [UInt8], type: Character = "0", link: [UInt8] = [], content: [UInt8] = [], mode: UInt32 = 0o644,
        uid: UInt32 = 0, gid: UInt32 = 0, modified: Int64 = 1_000_000_000, major: UInt32 = 0, minor: UInt32 = 0,
        declaredSize: Int? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ field: [UInt8], at offset: Int) {
            header.replaceSubrange(offset..<offset + field.count, with: field)
        }
        func octal(_ value: Int64, _ digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
        }
        put(Array(name.prefix(100)), at: 0)
        put(octal(Int64(mode), 7), at: 100)
        put(octal(Int64(uid), 7), at: 108)
        put(octal(Int64(gid), 7), at: 116)
        put(octal(Int64(declaredSize ?? content.count), 11), at: 124)
        put(octal(modified, 11), at: 136)
        put(Array(repeating: 0x20, count: 8), at: 148)
        put(Array(String(type).utf8), at: 156)
        put(Array(link.prefix(100)), at: 157)
        put(Array("ustar".utf8) + [0] + Array("00".utf8), at: 257)
        put(octal(Int64(major), 7), at: 329)
        put(octal(Int64(minor), 7), at: 337)
        let sum = header.reduce(0) { $0 + Int64($1) }
        put(octal(sum, 6) + [0, 0x20], at: 148)
        bytes += header + content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    mutating func add(
        _ name: String, type: Character = "0", link: String = "", content: String = "", mode: UInt32 = 0o644,
        uid: UInt32 = 0, gid: UInt32 = 0, modified: Int64 = 1_000_000_000, major: UInt32 = 0, minor: UInt32 = 0
    ) {
        add(
            Array(name.utf8), type: type, link: Array(link.utf8), content: Array(content.utf8), mode: mode, uid: uid,
            gid: gid, modified: modified, major: major, minor: minor)
    }

    mutating func addDirectory(_ name: String, mode: UInt32 = 0o755, modified: Int64 = 1_000_000_000) {
        add(name, type: "5", mode: mode, modified: modified)
    }

    mutating func addSymlink(_ name: String, to target: String) { add(name, type: "2", link: target, mode: 0o777) }

    mutating func addHardLink(_ name: String, to target: String) { add(name, type: "1", link: target) }

    /// Adds extended records for the next member: "size", "path", "SCHILY.xattr.user.a"…
    mutating func addRecords(_ records: [(String, [UInt8])]) {
        var content: [UInt8] = []
        for (key, value) in records {
            let rest = 1 + key.utf8.count + 1 + value.count + 1
            var length = rest + 1
            while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
            content += Array("\(length) \(key)=".utf8) + value + [0x0A]
        }
        add(Array("PaxHeaders/x".utf8), type: "x", content: content)
    }

    /// The archive with its end marked.
    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    var reader: BytesReader { BytesReader(finished) }
}
