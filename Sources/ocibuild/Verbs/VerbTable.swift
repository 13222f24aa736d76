/// Every command there is, in the order in which help lists them.
enum VerbTable {
    static let all: [Verb] = [
        BuildVerb.verb, PlanVerb.verb, ImagesVerb.verb, InspectVerb.verb, HistoryVerb.verb, TagVerb.verb,
        RemoveVerb.verb, ImageVerb.verb,
        PullVerb.verb, PushVerb.verb, CacheVerb.verb, LoginVerb.verb, LogoutVerb.verb,
        ImportVerb.verb, SaveVerb.verb, LoadVerb.verb,
        PruneVerb.verb, DoctorVerb.verb, VersionVerb.verb, HelpVerb.verb,
    ]
}
