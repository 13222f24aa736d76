import Layers
import LinuxSystem
import Sandboxing

extension TreeForm {
    /// The view of these directories, topmost first.
    func view(_ layers: [Path]) -> LowerTree {
        LowerTree(layers, attributePrefix: attributePrefix, ownership: ownership)
    }

    /// How the layers of a tree are unpacked each into a directory of its own.
    var layerForm: LayerApplier.Form { .overlay(attributePrefix: attributePrefix) }

    /// Makes the upper directory of an overlay look like the root below, which the merged root then looks like.
    func prepare(upper: Path, lowers: [Path]) throws {
        try OverlayDiffer.prepare(upper: upper, lowers: lowers, ownership: ownership)
    }

    /// What a step changed, by the upper directory of its overlay.
    func changes(upper: Path, lowers: [Path]) throws -> Changeset {
        try OverlayDiffer(upper: upper, lowers: lowers, attributePrefix: attributePrefix, ownership: ownership)
            .changes()
    }

    /// A plain tree as it is now.
    func scan(_ root: Path) throws -> TreeScan { try TreeScan(of: root, ownership: ownership) }

    /// Compares a plain tree with what it was; `pristine` are the layers that it was made from, topmost first.
    func differ(_ root: Path, before: TreeScan, pristine: [Path]) throws -> ScanningDiffer {
        try ScanningDiffer(
            root: root, before: before, pristine: pristine, attributePrefix: attributePrefix, ownership: ownership)
    }

    /// Gives the request of a step what its tree, made of these directories, cannot say itself of the owners of links;
    /// they come back in the ledger.
    func lendLinkOwners(of roots: [Path], to spec: inout SandboxSpec) throws {
        guard ownership == .recorded else { return }
        spec.linkOwners = try LinkOwners.inodes(of: roots).map {
            LinkOwner(device: $0.device, inode: $0.inode, uid: $0.uid, gid: $0.gid)
        }
        spec.ledger = LedgerSink()
    }

    /// Makes what a step wrote a tree of this form, when the step has ended. `lowers` are the directories below an upper
    /// one, topmost first; nil for a plain tree.
    func settle(_ root: Path, lowers: [Path]?, after spec: SandboxSpec) throws {
        guard ownership == .recorded else { return }
        let ledger = (spec.ledger?.owners ?? []).map {
            InodeOwner(device: $0.device, inode: $0.inode, uid: $0.uid, gid: $0.gid, born: $0.born)
        }
        try RecordedTree.settle(root, ledger: ledger, lowers: lowers, attributePrefix: attributePrefix)
    }
}
