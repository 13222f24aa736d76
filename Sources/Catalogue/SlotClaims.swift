/// What writers have left at one place of a log.
struct SlotClaims: Hashable {
    let slot: Int
    /// Whether the place is filled.
    let isDecided: Bool
    /// Who asked for the place.
    let promises: Set<CatalogueTag.Ballot>
    /// Who proposed an event for it.
    let accepts: Set<CatalogueTag.Ballot>

    init(of slot: Int, among tags: [CatalogueTag]) {
        var isDecided = false
        var promises: Set<CatalogueTag.Ballot> = []
        var accepts: Set<CatalogueTag.Ballot> = []
        for tag in tags {
            switch tag {
            case .event(slot): isDecided = true
            case .promise(slot, let ballot): promises.insert(ballot)
            case .accept(slot, let ballot): accepts.insert(ballot)
            default: break
            }
        }
        self.slot = slot
        self.isDecided = isDecided
        self.promises = promises
        self.accepts = accepts
    }

    /// The highest try of all.
    var highest: CatalogueTag.Ballot? { promises.union(accepts).max() }

    /// Whether others than `writer` have been here.
    func hasOthers(than writer: String) -> Bool {
        promises.union(accepts).contains { $0.writer != writer }
    }
}
