// What a program sees of this library beside the facade: the image specification's own types, the content stores, the
// registry client, the events of a build, the limits of its steps, and the images of a catalogue.
@_exported public import BuildEngine
@_exported public import Catalogue
@_exported public import Codecs
@_exported public import ImageDefinition
@_exported public import OCIContent
@_exported public import OCIRegistry
@_exported public import OCISpec
@_exported public import Sandboxing
@_exported public import ShellText
