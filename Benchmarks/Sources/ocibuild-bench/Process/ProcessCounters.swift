import Glibc

/// What the kernel has counted for a process: proc_pid_io(5), proc_pid_stat(5), proc_pid_status(5).
struct ProcessCounters {
    /// `rchar` and `wchar`: they include those of the children that were waited for.
    var read: Int64 = 0
    var written: Int64 = 0
    /// User and system time, of the children that were waited for too.
    var processorSeconds = 0.0

    /// nil where there is no such process, or it is another's.
    init?(of process: String) {
        guard let counters = Self.text("/proc/\(process)/io"), let status = Self.text("/proc/\(process)/stat") else {
            return nil
        }
        for line in counters.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Int64(words[1]) else { continue }
            if words[0] == "rchar:" { read = value }
            if words[0] == "wchar:" { written = value }
        }
        // The name may have spaces and brackets in it; what follows has none.
        let rest = status.split(separator: ")").last?.split(separator: " ") ?? []
        guard rest.count > 14 else { return nil }
        processorSeconds = rest[11...14].reduce(0) { $0 + (Double($1) ?? 0) } / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    /// The processes that descend from `root`, itself first.
    static func tree(of root: Int32) -> [Int32] {
        let children = text("/proc/\(root)/task/\(root)/children").map {
            $0.split(separator: " ").compactMap { Int32($0) }
        }
        var found = [root]
        // A daemon's threads have children too, so the children of each count.
        let tasks = names(in: "/proc/\(root)/task").flatMap { task in
            text("/proc/\(root)/task/\(task)/children")?.split(separator: " ").compactMap { Int32($0) } ?? []
        }
        for child in Set(tasks + (children ?? [])).sorted() { found += tree(of: child) }
        return found
    }

    /// The high-water mark of a process's memory, in bytes.
    static func peakMemory(of process: Int32) -> Int64? {
        let line = text("/proc/\(process)/status")?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 << 10 }
    }

    /// Sets the high-water mark back to what the process uses now: proc_pid_clear_refs(5).
    static func resetPeakMemory(of process: Int32) {
        let file = open("/proc/\(process)/clear_refs", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "5", 1)
        close(file)
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Where a symbolic link leads; nil where it is none.
    static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { readlink(path, $0.baseAddress!, $0.count) }
        }
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    /// The whole of a small file; nil where it cannot be read.
    static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes += buffer.prefix(count)
        }
    }
}
