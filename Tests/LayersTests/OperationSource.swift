import LinuxSystem

/// A random number generator that gives the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

    mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Thinks up operations that make sense for a tree.
struct OperationSource {
    var random: SeededGenerator

    private static let names: [Path] = [
        "a", "b", "a-b", "a.b", "A", "\u{E9}", "e\u{301}", Path(bytes: [0xFF, 0xFE]), "x y", "new\nline", ".w", "*",
        Path(String(repeating: "z", count: 101)), "etc", "\\",
    ]

    private mutating func pick<C: RandomAccessCollection>(_ items: C) -> C.Element? {
        items.randomElement(using: &random)
    }
    private mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func content() -> [UInt8] {
        switch number(0..<8) {
        case 0: return []
        case 1: return [UInt8](repeating: 0, count: number(1..<300_000))
        case 2: return (0..<number(1..<200_000)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        default: return (0..<number(1..<40)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
    }

    private mutating func mode() -> UInt16 {
        pick([0o644, 0o755, 0o600, 0o4755, 0o2755, 0o1777, 0o000, 0o444, 0o6711]) ?? 0o644
    }

    /// A time that sometimes has nanoseconds, and sometimes lies before 1970.
    mutating func time() -> FileTime {
        FileTime(
            seconds: Int64(number(-5..<2_000_000_000)),
            nanoseconds: number(0..<3) == 0 ? 0 : Int32(number(0..<999_999_999)))
    }

    /// The next operation, or nil where the dice named nothing that fits.
    mutating func next(for tree: ModelTree) -> FileOperation? {
        let all = tree.all
        let directories = all.filter { $0.file.picture.type == .directory && $0.path.components.count < 5 }
        guard let parent = pick(directories)?.path, let name = pick(Self.names) else { return nil }
        let fresh = parent / name
        let isFree = tree.file(at: fresh) == nil
        switch number(0..<24) {
        case 0...3: return isFree ? .create(fresh, content: content(), mode: mode()) : nil
        case 4, 5: return isFree ? .makeDirectory(fresh, mode: mode()) : nil
        case 6: return isFree ? .symlink(fresh, target: pick(all.dropFirst())?.path ?? "x") : nil
        case 7:
            guard isFree, let target = changeable(all, [.regular, .symlink, .fifo]) else { return nil }
            return .link(fresh, to: target)
        case 8:
            guard isFree else { return nil }
            return number(0..<2) == 0
                ? .node(fresh, .fifo, DeviceNumber())
                : .node(fresh, .characterDevice, DeviceNumber(major: 1, minor: UInt32(number(3..<9))))
        case 9, 10: return rename(all, to: fresh, isFree: isFree, tree: tree)
        case 11, 12:
            guard let victim = pick(all.dropFirst()) else { return nil }
            return .removeTree(victim.path)
        case 13:
            guard let victim = pick(directories.dropFirst()) else { return nil }
            return .replaceDirectory(victim.path)
        case 14:
            guard let path = changeable(all, [.regular, .directory, .fifo, .symlink]) else { return nil }
            return .owner(path, uid: UInt32(number(0..<3) * 1000), gid: UInt32(number(0..<70000)))
        case 15:
            guard let path = changeable(all, [.regular, .directory, .fifo]) else { return nil }
            return number(0..<2) == 0 ? .mode(path, mode()) : .modeAndBack(path)
        case 16: return changeable(all, [.regular, .directory, .symlink, .fifo]).map { .touch($0) }
        case 17, 18: return attribute(all)
        default: return edit(all)
        }
    }

    private mutating func changeable(_ all: [(path: Path, file: ModelTree.File)], _ types: [FileType]) -> Path? {
        pick(all.dropFirst().filter { types.contains($0.file.picture.type) && !$0.file.isFrozen })?.path
    }

    private mutating func rename(
        _ all: [(path: Path, file: ModelTree.File)], to fresh: Path, isFree: Bool, tree: ModelTree
    ) -> FileOperation? {
        let movable = all.dropFirst().filter { item in
            if item.file.isFrozen || fresh.hasPrefix(item.path) { return false }
            return item.file.picture.type != .directory || isWhollyNew(item.file)
        }
        guard let source = pick(movable) else { return nil }
        if isFree { return .rename(source.path, to: fresh) }
        // Onto an existing file, never onto itself or a directory.
        guard source.file.picture.type != .directory, let old = tree.file(at: fresh),
            old.picture.type != .directory, old !== source.file, !old.isFrozen
        else { return nil }
        return .rename(source.path, to: fresh)
    }

    private func isWhollyNew(_ directory: ModelTree.File) -> Bool {
        directory.isNew && directory.children.values.allSatisfy { !$0.isFrozen }
    }

    private mutating func attribute(_ all: [(path: Path, file: ModelTree.File)]) -> FileOperation? {
        guard let path = changeable(all, [.regular, .directory]) else { return nil }
        if number(0..<3) == 0, all.first(where: { $0.path == path })?.file.picture.type == .regular {
            // cap_net_raw+ep, revision 2.
            let capability: [UInt8] = [1, 0, 0, 2, 0, 0x20] + [UInt8](repeating: 0, count: 14)
            return .attribute(path, name: "security.capability", value: capability)
        }
        let name = pick(["user.one", "user.two", "trusted.three"]) ?? "user.one"
        return .attribute(path, name: name, value: number(0..<3) == 0 ? nil : content().prefix(100).map { $0 })
    }

    private mutating func edit(_ all: [(path: Path, file: ModelTree.File)]) -> FileOperation? {
        guard let path = changeable(all, [.regular]), let file = all.first(where: { $0.path == path })?.file else {
            return nil
        }
        let size = file.picture.content.count
        switch number(0..<6) {
        case 0: return .write(path, content: content(), at: size)
        case 1: return .truncate(path, size: number(0..<max(1, size * 2)))
        case 2: return .rewriteSame(path)
        case 3: return .disguise(path)
        case 4:
            let names = all.count { $0.file === file }
            return path.string == nil || names > 1 ? nil : .replaceByCopy(path)
        default: return .write(path, content: content(), at: number(0..<max(1, size)))
        }
    }
}
