import Archive
import LinuxSystem

/// The entries of a tree like those of packages: folders of 200 files, a link among every ten.
enum SampleTree {
    /// `count` entries in byte order, files of `size` bytes.
    static func entries(_ count: Int, size: Int64 = 0) -> [ArchiveEntry] {
        var entries: [ArchiveEntry] = []
        for index in 0..<count {
            let folder = "usr/share/d\(digits(index / 200, 5))"
            if index % 200 == 0 {
                entries.append(ArchiveEntry(path: Path(folder), type: .directory, mode: 0o755))
            } else if index % 10 == 9 {
                entries.append(
                    ArchiveEntry(
                        path: Path("\(folder)/f\(digits(index, 8))"), type: .symlink, mode: 0o777,
                        linkTarget: Path("f\(digits(index - 1, 8))")))
            } else {
                entries.append(
                    ArchiveEntry(
                        path: Path("\(folder)/f\(digits(index, 8))"), type: .regular, mode: 0o644, size: size,
                        modified: FileTime(seconds: 1_700_000_000)))
            }
        }
        return entries
    }

    /// A line of shell that makes `count` files of about 1.5 kB in folders of 200 below the current folder's `folder`.
    static func making(_ count: Int, in folder: String) -> String {
        """
        mkdir -p '\(folder)'; awk 'BEGIN { srand(1); for (i = 0; i < \(count); i++) { d = "\(folder)/d" int(i / 200); \
        if (i % 200 == 0) system("mkdir -p " d); f = d "/f" i; n = 5 + int(rand() * 60); \
        for (j = 0; j < n; j++) printf "%d:%d:%f\\n", i, j, rand() > f; close(f) } }'
        """
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
