/// `ocibuild image`: the catalogue's commands, and `docker image`'s.
enum ImageVerb {
    static let verb = Verb(
        name: "image", chapter: .images,
        summary: "Work with the catalogue of images in a registry; also docker's `image` commands",
        details: [
            "The catalogue gives the images of a registry ids that stay and names that may change, and keeps author, "
                + "description and readme with them. create, list, inspect, pull, rename, commit and delete are about "
                + "it; the others are docker's and are about the images kept here: `image rm` takes a name from a local "
                + "image, `image delete` takes an image out of the catalogue; `image ls` lists the local ones, `image "
                + "list` the catalogue.",
            "inspect means the catalogue where it has such an image, and else the images kept here; pull means the "
                + "catalogue unless the name has a host, a tag or a digest. Where no catalogue is configured, both are "
                + "docker's. Where the program is called through a link named docker, inspect, pull and list are always "
                + "docker's; through one named beaker, always the catalogue's.",
            "Registry, workspace and user come from --registry, --workspace and --user, else OCIBUILD_REGISTRY, "
                + "OCIBUILD_WORKSPACE and OCIBUILD_USER, else the configuration file: $XDG_CONFIG_HOME/ocibuild/config.json, "
                + "/etc/ocibuild/config.json, or the one that OCIBUILD_CONFIG names, as {\"registry\": \"HOST/PATH\", "
                + "\"workspace\": \"NAME\", \"user\": {\"name\": \"NAME\", \"display_name\": \"TEXT\"}}.",
        ],
        members: [
            ImageCreateVerb.verb, ImageListVerb.verb, ImageInspectVerb.verb, ImagePullVerb.verb, ImageRenameVerb.verb,
            ImageCommitVerb.verb, ImageDeleteVerb.verb,
            ImagesVerb.verb.member("image ls"),
            RemoveVerb.verb.member("image rm", aliases: ["image remove"]),
            TagVerb.verb.member("image tag"), PushVerb.verb.member("image push"),
            HistoryVerb.verb.member("image history"), BuildVerb.verb.member("image build"),
            ImportVerb.verb.member("image import"), SaveVerb.verb.member("image save"),
            LoadVerb.verb.member("image load"), PruneVerb.verb.member("image prune"),
        ],
        run: { _, _ in throw UsageError(verb: "image", message: "image needs a command, such as `image list`") })
}
