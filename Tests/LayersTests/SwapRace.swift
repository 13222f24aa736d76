import Glibc
import LinuxSystem
import Synchronization

/// A thread that keeps replacing directories of a tree by links to a target, and back.
final class SwapRace: Sendable {
    private let root: Path
    private let target: Path
    private let isStopped = Atomic(false)
    private let hasEnded = Atomic(false)

    init(in root: Path, target: Path) {
        self.root = root
        self.target = target
    }

    /// Begins on a thread of its own.
    func start() {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<SwapRace>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        if result == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged<SwapRace>.fromOpaque(argument).release()
            hasEnded.store(true, ordering: .releasing)
        }
    }

    /// Ends the thread and waits for it.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        while !hasEnded.load(ordering: .acquiring) { usleep(100) }
    }

    private func run() {
        let aside = root / "aside"
        while !isStopped.load(ordering: .acquiring) {
            for name in ["a", "c", "a/b"] as [Path] {
                guard (try? FileSystem.rename(root / name, to: aside, replacing: false)) != nil else { continue }
                try? FileSystem.symlink(target: target, at: root / name)
                usleep(20)
                try? FileSystem.unlink(root / name)
                try? FileSystem.rename(aside, to: root / name, replacing: false)
            }
        }
        hasEnded.store(true, ordering: .releasing)
    }
}
