// swift-tools-version: 6.2
import PackageDescription

// The floors of the house: a target depends only on targets of the floors below its own.
// HouseTests hold every `import` line against this table.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let cSettings: [CSetting] = [
    .enableWarning("all"),
    .enableWarning("extra"),
    .treatAllWarnings(as: .error),
]

/// Embedded in C by name, and installable by pip.
let pythonFiles = ["chutes", "define.py", "pyproject.toml"]

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, of dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: ["TestSupport"] + dependencies, swiftSettings: swiftSettings)
}

func library(_ name: String, pkgConfig: String, debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let package = Package(
    name: "ocibuild",
    products: [
        .library(name: "OCIBuild", targets: ["OCIBuild"]),
        // For Benchmarks, a package of its own: what it measures in its own process.
        .library(
            name: "Rooms",
            targets: ["Codecs", "Archive", "Layers", "OCIContent", "Dockerfile", "OCISpec", "LinuxSystem"]),
        .executable(name: "ocibuild", targets: ["ocibuild"]),
    ],
    targets: [
        // Floor 0: C.
        .target(name: "CLinux", cSettings: cSettings),
        .target(name: "CSandbox", cSettings: cSettings),
        .target(name: "CChutes", exclude: pythonFiles, cSettings: cSettings),
        // Loaded when they are needed, so they are compiled against and not linked: libarchive-dev, libcurl4-openssl-dev,
        // libssl-dev.
        .target(name: "CArchive", cSettings: cSettings),
        .target(name: "CCurl", cSettings: cSettings),
        .target(name: "COpenSSL", cSettings: cSettings),
        .target(name: "CSHA256", cSettings: cSettings),
        .target(name: "CBLAKE3", cSettings: cSettings),
        library("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
        library("CDeflate", pkgConfig: "libdeflate", debian: "libdeflate-dev"),
        library("CISAL", pkgConfig: "libisal", debian: "libisal-dev"),
        library("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),

        // Floor 1.
        room("OCISpec", []),
        room("LinuxSystem", ["CLinux"]),

        // Floor 2.
        room("BuildModel", ["OCISpec"]),
        room("ShellText", []),
        room(
            "Codecs",
            [
                "OCISpec", "LinuxSystem", "CLinux", "COpenSSL", "CSHA256", "CBLAKE3", "CZlib", "CDeflate", "CISAL",
                "CZstd",
            ]),
        room("Archive", ["LinuxSystem", "CArchive"]),

        // Floor 3.
        room("OCIContent", ["OCISpec", "LinuxSystem", "Codecs", "Archive", "CLinux"]),
        room("Layers", ["OCISpec", "LinuxSystem", "Codecs", "Archive", "CLinux"]),
        room("Sandboxing", ["LinuxSystem", "CSandbox", "CLinux"]),
        room("Dockerfile", ["OCISpec", "BuildModel"]),

        // Floor 4.
        room("ImageDefinition", ["Dockerfile", "BuildModel", "ShellText", "Codecs", "OCISpec"]),
        room("OCIRegistry", ["OCIContent", "OCISpec", "LinuxSystem", "Codecs", "CCurl"]),
        room(
            "BuildEngine",
            [
                "OCIContent", "Layers", "Sandboxing", "Dockerfile", "BuildModel", "Codecs", "Archive", "OCISpec",
                "LinuxSystem", "CLinux",
            ]),

        room("Catalogue", ["OCIContent", "OCISpec", "LinuxSystem", "Codecs"]),

        // Floor 5.
        room(
            "OCIBuild",
            [
                "OCIRegistry", "BuildEngine", "ImageDefinition", "Catalogue", "OCIContent", "Layers", "Sandboxing",
                "Dockerfile", "BuildModel", "ShellText", "Codecs", "Archive", "OCISpec", "LinuxSystem",
            ]),

        // Floor 6.
        .executableTarget(
            name: "ocibuild",
            dependencies: [
                "OCIBuild", "OCIRegistry", "BuildEngine", "ImageDefinition", "OCIContent", "Sandboxing", "Dockerfile",
                "BuildModel", "Codecs", "OCISpec", "LinuxSystem", "CChutes",
            ],
            swiftSettings: swiftSettings),

        // Tests mirror the rooms.
        .target(
            name: "TestSupport",
            dependencies: ["OCIContent", "Codecs", "Archive", "OCISpec", "LinuxSystem"],
            path: "Tests/TestSupport", swiftSettings: swiftSettings),
        // The program that the README shows: what a library user sees, and nothing else.
        .executableTarget(
            name: "library-example", dependencies: ["OCIBuild"], path: "Fixtures/library-example",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "image-example", dependencies: ["OCIBuild"], path: "Fixtures/image-example",
            swiftSettings: swiftSettings),
        tests("HouseTests", of: []),
        tests("OCISpecTests", of: ["OCISpec"]),
        tests("LinuxSystemTests", of: ["LinuxSystem"]),
        tests("ShellTextTests", of: ["ShellText", "LinuxSystem"]),
        tests("BuildModelTests", of: ["BuildModel", "OCISpec"]),
        // What the codecs' tests run on processors that they do not have.
        .executableTarget(
            name: "codec-digests", dependencies: ["Codecs", "LinuxSystem"], path: "Tests/CodecDigests",
            swiftSettings: swiftSettings),
        tests("CodecsTests", of: ["codec-digests", "Codecs", "OCISpec", "LinuxSystem", "CISAL", "CZlib", "CSHA256"]),
        tests("ArchiveTests", of: ["Archive", "LinuxSystem"]),
        tests("OCIContentTests", of: ["OCIContent", "Archive", "Codecs", "OCISpec", "LinuxSystem"]),
        tests("LayersTests", of: ["Layers", "Archive", "Codecs", "OCISpec", "LinuxSystem", "CLinux"]),
        tests("SandboxingTests", of: ["Sandboxing", "LinuxSystem"]),
        tests("DockerfileTests", of: ["Dockerfile", "BuildModel", "OCISpec", "LinuxSystem"]),
        tests(
            "ImageDefinitionTests",
            of: ["ImageDefinition", "Dockerfile", "BuildModel", "ShellText", "OCISpec", "LinuxSystem"]),
        tests("OCIRegistryTests", of: ["OCIRegistry", "OCIContent", "Codecs", "OCISpec", "LinuxSystem"]),
        tests(
            "BuildEngineTests",
            of: [
                "BuildEngine", "OCIContent", "Layers", "Sandboxing", "Dockerfile", "BuildModel", "Codecs", "OCISpec",
                "LinuxSystem",
            ]),
        tests(
            "CatalogueTests",
            of: ["Catalogue", "OCIBuild", "OCIRegistry", "OCIContent", "Codecs", "OCISpec", "LinuxSystem"]),
        tests(
            "OCIBuildTests",
            of: [
                "OCIBuild", "BuildEngine", "Codecs", "Sandboxing", "ShellText", "OCIContent", "OCISpec", "LinuxSystem",
            ]),
        tests("CommandTests", of: ["ocibuild", "OCIBuild", "OCIContent", "OCISpec", "LinuxSystem"]),
        tests("RungTests", of: ["ocibuild", "OCIBuild", "OCIContent", "Archive", "Codecs", "OCISpec", "LinuxSystem"]),
        tests("InteropTests", of: ["OCIContent", "OCISpec", "LinuxSystem"]),
    ]
)
