import LinuxSystem

/// The options of an overlay, with paths relative to a directory that is the working directory when it is mounted.
struct OverlayMount {
    let lowers: [Path]
    let upper: Path
    let work: Path

    /// mount(2) takes a page of options, its last byte a NUL.
    private static let pageOfOptions = 4095

    /// What makes an upper directory mean what a layer can say: no renamed directory that is only a reference, no file
    /// that has metadata only. `volatile` saves the kernel from flushing the whole file system when a step ends; what
    /// of it must survive a power cut is for the keeper of the tree to flush.
    /// With `userxattr` the kernel redirects nothing, and refuses to be told so in these words.
    private let settings: [String]

    init(lowers: [Path], upper: Path, work: Path, base: Path, marks: NamespaceTraits.Overlay = .trusted) {
        settings = [marks == .user ? "userxattr" : "redirect_dir=off", "metacopy=off", "index=off", "volatile"]
        func relative(_ path: Path) -> Path {
            guard path.hasPrefix(base), path.bytes.count > base.bytes.count else { return path }
            return Path(bytes: path.bytes.dropFirst(base.bytes.count).drop { $0 == UInt8(ascii: "/") })
        }
        self.lowers = lowers.map(relative)
        self.upper = relative(upper)
        self.work = relative(work)
    }

    /// The mount, by mount(2) while the options fit there: every kernel has it. The other way needs Linux 6.7.
    /// Device files of the tree are files only: a step that is root may make them, as Docker lets it, and no cgroup
    /// stands between them and the host's disks.
    func operation(target: Path) -> SandboxOperation {
        let options = pageOptions
        if options.count <= Self.pageOfOptions {
            return .mount(source: "overlay", target: target, type: "overlay", flags: .noDevices, options: options)
        }
        return operationOneByOne(target: target)
    }

    /// Whether mount(2) has room for the options.
    var fitsInPage: Bool { pageOptions.count <= Self.pageOfOptions }

    /// The mount by the way that needs Linux 6.7, however few the options are.
    func operationOneByOne(target: Path) -> SandboxOperation {
        var list = lowers.map { OverlayOption(name: OverlayOption.lower, value: $0) }
        list += [OverlayOption(name: "upperdir", value: upper), OverlayOption(name: "workdir", value: work)]
        for setting in settings {
            let words = setting.split(separator: "=")
            list.append(OverlayOption(name: String(words[0]), value: words.count > 1 ? Path(words[1]) : nil))
        }
        return .overlay(target: target, options: list)
    }

    private var pageOptions: [UInt8] {
        var options = Array("lowerdir=".utf8)
        options += lowers.map { Self.escaped($0, colons: true) }.joined(separator: [UInt8(ascii: ":")])
        options += Array(",upperdir=".utf8) + Self.escaped(upper, colons: false)
        options += Array(",workdir=".utf8) + Self.escaped(work, colons: false)
        for setting in settings { options += Array(",\(setting)".utf8) }
        return options
    }

    /// A comma ends an option, a colon ends a lower directory, and a backslash takes either meaning away.
    private static func escaped(_ path: Path, colons: Bool) -> [UInt8] {
        func isSpecial(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "\\") || byte == UInt8(ascii: ",") || (colons && byte == UInt8(ascii: ":"))
        }
        // Hundreds of names that have none of these are the rule.
        guard path.bytes.contains(where: isSpecial) else { return Array(path.bytes) }
        return path.bytes.flatMap { isSpecial($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
    }
}

extension RootTree {
    /// Whether mount(2) has room for the options of a step's overlay, the sandbox's own layer included. Where it has
    /// not, the kernel must take the directories one by one: ``SandboxProbe/takesLowersOneByOne(_:)``.
    package func fitsInPage(marks: NamespaceTraits.Overlay) -> Bool {
        guard case .overlay(let lowers, let upper, let work, let base) = self else { return true }
        let stubs = NamespaceSandbox.stubFolder(work) / TemporaryDirectory.longestName(NamespaceSandbox.stubPrefix)
        return OverlayMount(lowers: [stubs] + lowers, upper: upper, work: work, base: base, marks: marks).fitsInPage
    }
}
