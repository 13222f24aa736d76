/// Something to build.
struct BuildWorkload {
    /// The suite's name.
    let name: String
    /// In words.
    let title: String
    /// nil where it is built from scratch.
    let base: BaseImage?
    /// The base of the last stage, where that is another.
    var secondBase: BaseImage?
    /// Makes the context in the current folder.
    let context: String
    /// The Dockerfile; `$BASE`, `$SECOND` and `$PACKAGES` are addresses.
    let dockerfile: String
    /// Changes one file of the context.
    let change: String
    /// Makes what the web server shows, in the current folder; `$BASE_TAR` is the base's file tree.
    var packages = ":"
    /// The file of the context whose layer is what is measured, where it is that alone: in one phase, a build from
    /// nothing, in which `ocibuild` takes part with the codec `fast` too.
    var layered: String?
    /// Seconds that a builder gets in one phase at least, where what is held against an aim wants more than one round.
    var budget = 0.0

    static let all = [small, python, apt, files, big, layer, stages, steps]

    var bases: [BaseImage] { [base, secondBase].compactMap { $0 } }
    var phases: [BuildPhase] { layered == nil ? BuildPhase.allCases : [.cold] }

    private static let small = BuildWorkload(
        name: "small", title: "small copy", base: .tiny,
        context: "for i in $(seq 10); do echo $i >f$i; done; echo a >a", dockerfile: "FROM $BASE\nCOPY . /app/\n",
        change: "date +%s%N >a")

    private static let python = BuildWorkload(
        name: "python", title: "Python app", base: .python,
        context: """
            mkdir app; for i in $(seq 40); do echo "def f$i(): return $i" >app/m$i.py; done; echo 'print(1)' >app/main.py
            printf 'flask\\nrequests\\n' >requirements.txt
            """,
        dockerfile: """
            FROM $BASE
            WORKDIR /srv
            COPY requirements.txt .
            RUN pip install -q --no-cache-dir --break-system-packages --root-user-action=ignore --no-index \\
                --trusted-host 127.0.0.1 --find-links $PACKAGES/wheels/ -r requirements.txt
            COPY app/ app/
            CMD ["python3", "app/main.py"]

            """,
        change: "date +'print(%s%N)' >app/main.py",
        packages: """
            kept=\(BaseImage.kept)/wheels
            [ -d $kept ] || { /usr/bin/python3 -m pip download -q --only-binary :all: -d $kept.part flask requests && mv $kept.part $kept; }
            ln -s $kept wheels
            """)

    private static let apt = BuildWorkload(
        name: "apt", title: "apt, build-essential", base: .debian, context: "echo a >a",
        dockerfile: """
            FROM $BASE
            ENV DEBIAN_FRONTEND=noninteractive
            RUN rm -f /etc/apt/sources.list.d/* && echo "deb [trusted=yes] $PACKAGES/debs ./" >/etc/apt/sources.list \
            && apt-get -q update && apt-get -q install -y --no-install-recommends build-essential
            COPY a /a

            """,
        change: "date +%s%N >a",
        packages: "ln -s \"$(\(BaseImage.scripts)/make-archive \(BaseImage.kept) $BASE_TAR build-essential)\" debs")

    private static let files = BuildWorkload(
        name: "files", title: "50,000 files", base: .tiny, context: SampleTree.making(50_000, in: "."),
        dockerfile: "FROM $BASE\nCOPY . /d/\n", change: "date +%s%N >d0/f0")

    private static let big = BuildWorkload(
        name: "big", title: "1 GiB file, hashed by a RUN", base: .tiny,
        context: programs, dockerfile: "FROM $BASE\nCOPY big /big\nRUN sha256sum /big >/sum\n",
        change: "date +%s%N | dd of=big conv=notrunc status=none")

    private static let layer = BuildWorkload(
        name: "layer", title: "one file, a tar of /usr", base: nil, context: programs,
        dockerfile: "FROM scratch\nCOPY big /big\n", change: ":", layered: "big", budget: 30)

    /// What images are full of, machine code and texts: 1 GiB, or all of /usr where that is less.
    private static let programs = "tar -C / -cf - usr 2>/dev/null | head -c 1073741824 >big"

    private static let stages = BuildWorkload(
        name: "stages", title: "multi-stage, gcc", base: .gcc, secondBase: .tiny,
        context: "printf '#include <stdio.h>\\nint main(void) { puts(\"1\"); return 0; }\\n' >main.c",
        dockerfile: """
            FROM $BASE AS build
            COPY main.c /src/
            RUN gcc -O2 -static -o /src/main /src/main.c
            FROM $SECOND
            COPY --from=build /src/main /main
            CMD ["/main"]

            """,
        change: "date +'#include <stdio.h>%nint main(void) { puts(\"%s%N\"); return 0; }' >main.c")

    private static let steps = BuildWorkload(
        name: "steps", title: "40 RUN steps", base: .tiny, context: "echo a >a",
        dockerfile: "FROM $BASE\n" + runs(1...20) + "COPY a /a\n" + runs(21...40), change: "date +%s%N >a")

    private static func runs(_ range: ClosedRange<Int>) -> String {
        range.map { "RUN echo \($0) >/f\($0)\n" }.joined()
    }
}
