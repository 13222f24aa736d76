import Glibc

/// Where it was measured, and with what.
struct Machine: Codable {
    let processor: String
    let processors: Int
    /// Bytes.
    let memory: Int64
    let kernel: String
    let system: String
    /// What each tool that took part says its version is.
    var tools: [String: String] = [:]

    init() {
        func value(_ name: String, in file: String, after separator: String) -> String {
            let line = ProcessCounters.text(file)?.split(separator: "\n").first { $0.hasPrefix(name) }
            let value = line?.split(separator: separator, maxSplits: 1).last ?? ""
            return String(value.drop { $0 == " " || $0 == "\"" }.prefix { $0 != "\"" })
        }
        processor = value("model name", in: "/proc/cpuinfo", after: ":")
        processors = sysconf(CInt(_SC_NPROCESSORS_ONLN))
        memory = Int64(sysconf(CInt(_SC_PHYS_PAGES))) * Int64(sysconf(CInt(_SC_PAGESIZE)))
        kernel = Command.output("uname -r | cut -d- -f1") ?? ""
        system = value("PRETTY_NAME", in: "/etc/os-release", after: "=")
    }
}
