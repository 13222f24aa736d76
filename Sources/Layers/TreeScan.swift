import CLinux
import Glibc
import LinuxSystem

/// What stat(2) tells of every file of a tree at one moment, to compare with another moment.
///
/// One flat array of nodes and one of names: the children of a directory lie side by side in byte order, so two scans
/// are compared by walking along both.
package struct TreeScan: Sendable {
    struct Node: Sendable {
        var nameStart: Int
        var nameLength: Int
        var parent: Int
        var firstChild = 0
        var childCount = 0
        var status: FileStatus
    }

    /// Breadth first; the first is the root.
    private(set) var nodes: [Node] = []
    /// Names, each ended by NUL.
    private var names: [UInt8] = [0]

    /// How many files there are, the root included.
    package var count: Int { nodes.count }

    private let ownership: TreeOwnership

    /// Reads the tree below the directory `root`, which nobody may be changing. What a step wrote to a recorded tree must
    /// have been settled: see ``RecordedTree``. Throws `SystemError` or `LayersError`.
    package init(of root: Path, ownership: TreeOwnership = .real) throws {
        self.ownership = ownership
        let top = try OwnedDescriptor.open(root, O_RDONLY | CLINUX_O_DIRECTORY)
        nodes.append(Node(nameStart: 0, nameLength: 0, parent: -1, status: try ownership.status(root)))
        let buffer = ReadBuffer(count: 64 << 10)
        var next = 0
        while next < nodes.count {
            if nodes[next].status.type == .directory { try scan(next, below: top.raw, buffer) }
            next += 1
        }
        if ownership == .recorded { complete(try LinkOwners(beside: root)) }
        Self.outliveClockTick()
    }

    /// Change times come from a clock that may tick only every 4 ms; a change right after the scan must not get the
    /// time that the scan saw.
    private static func outliveClockTick() {
        var started = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &started)
        for _ in 0..<100 {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME_COARSE, &now)
            if now.tv_sec != started.tv_sec || now.tv_nsec != started.tv_nsec { return }
            usleep(500)
        }
    }

    /// Tells the owners of what cannot tell them itself.
    private mutating func complete(_ owners: LinkOwners) {
        if owners.isEmpty { return }
        for index in nodes.indices where !TreeOwnership.takesRecord(nodes[index].status.type) {
            nodes[index].status = owners.completing(nodes[index].status, at: path(of: index))
        }
    }

    private mutating func scan(_ index: Int, below root: CInt, _ buffer: ReadBuffer) throws {
        let path = self.path(of: index)
        let resolve = UInt64(CLINUX_RESOLVE_BENEATH | CLINUX_RESOLVE_NO_SYMLINKS)
        let flags = UInt64(UInt32(bitPattern: O_RDONLY | CLINUX_O_DIRECTORY | O_CLOEXEC))
        let directory = OwnedDescriptor(
            adopting: try checked("open", path) {
                (path.isEmpty ? "." : path).withCString { clinux_openat2(root, $0, flags, 0, resolve) }
            })
        var found = try list(directory, buffer)
        names.withUnsafeBytes { names in
            found.sort { left, right in
                let length = min(left.length, right.length)
                let order = memcmp(names.baseAddress! + left.start, names.baseAddress! + right.start, length)
                return order == 0 ? left.length < right.length : order < 0
            }
        }
        nodes[index].firstChild = nodes.count
        for name in found {
            var raw = clinux_status()
            let result = names.withUnsafeBytes { names in
                clinux_status(
                    directory.raw, names.baseAddress!.assumingMemoryBound(to: CChar.self) + name.start,
                    CLINUX_AT_SYMLINK_NOFOLLOW, &raw)
            }
            guard result == 0, let real = FileStatus(raw) else {
                throw SystemError("stat", path / Path(bytes: names[name.start..<name.start + name.length]))
            }
            var status = real
            if ownership != .real {
                let single = Path(bytes: names[name.start..<name.start + name.length])
                status = try ownership.truth(of: real, at: Path("/proc/self/fd/\(directory.raw)") / single)
            }
            nodes.append(Node(nameStart: name.start, nameLength: name.length, parent: index, status: status))
        }
        nodes[index].childCount = nodes.count - nodes[index].firstChild
    }

    private mutating func list(
        _ directory: borrowing OwnedDescriptor, _ buffer: ReadBuffer
    ) throws(SystemError) -> [(start: Int, length: Int)] {
        var found: [(start: Int, length: Int)] = []
        let raw = directory.raw
        while true {
            let filled = try checked("getdents") { clinux_getdents(raw, buffer.bytes.baseAddress, buffer.bytes.count) }
            if filled == 0 { return found }
            var offset = 0
            while offset < filled, let base = buffer.bytes.baseAddress {
                let record = UnsafeRawPointer(base + offset)
                offset += Int(clinux_dirent_length(record))
                guard let name = clinux_dirent_name(record) else { continue }
                let length = strlen(name)
                let bytes = UnsafeRawBufferPointer(start: name, count: length)
                let dot = UInt8(ascii: ".")
                if bytes[0] == dot, length == 1 || (length == 2 && bytes[1] == dot) { continue }
                found.append((names.count, length))
                names.append(contentsOf: bytes)
                names.append(0)
            }
        }
    }

    /// The single name of a node.
    func name(of index: Int) -> ArraySlice<UInt8> {
        let node = nodes[index]
        return names[node.nameStart..<node.nameStart + node.nameLength]
    }

    /// The path of a node from the root of the tree.
    func path(of index: Int) -> Path {
        var chain: [Int] = []
        var here = index
        while nodes[here].parent >= 0 {
            chain.append(here)
            here = nodes[here].parent
        }
        var bytes: [UInt8] = []
        for node in chain.reversed() {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "/")) }
            bytes.append(contentsOf: name(of: node))
        }
        return Path(bytes: bytes)
    }

    /// The children of a directory, in byte order of their names.
    func children(of index: Int) -> Range<Int> {
        let node = nodes[index]
        return node.firstChild..<node.firstChild + node.childCount
    }
}
