/// The floors of the house. Read together with `Package.swift`, which must say the same.
enum FloorTable {
    /// The floor of each target below `Sources`. A room imports only what is on a lower floor than its own.
    static let floors: [String: Int] = [
        "CLinux": 0, "CSandbox": 0, "CArchive": 0, "COpenSSL": 0, "CSHA256": 0, "CZlib": 0, "CDeflate": 0, "CISAL": 0,
        "CZstd": 0, "CCurl": 0, "CBLAKE3": 0, "CSeccomp": 0, "CChutes": 0,
        "OCISpec": 1, "LinuxSystem": 1,
        "BuildModel": 2, "ShellText": 2, "Codecs": 2, "Archive": 2,
        "OCIContent": 3, "Layers": 3, "Sandboxing": 3, "Dockerfile": 3,
        "OCIRegistry": 4, "BuildEngine": 4, "ImageDefinition": 4, "Catalogue": 4,
        "OCIBuild": 5,
        "ocibuild": 6,
    ]

    /// Modules of the toolchain that any room may import.
    static let toolchain: Set<String> = ["Swift", "Synchronization", "FoundationEssentials", "Glibc", "Dispatch"]

    /// Rooms without a file, socket or pointer in them, and what they may therefore not import.
    static let pure: Set<String> = ["OCISpec", "BuildModel", "ShellText", "Dockerfile", "ImageDefinition"]
    static let impure: Set<String> = ["Glibc", "Dispatch", "LinuxSystem", "CLinux"]
}
