"""An application of the platform, as far as its image is concerned."""


class _Marker:
    """A decorator: keeps its settings, and gives back the function as it is."""

    def __init__(self, chute, *args, **settings):
        self.chute = chute
        self.args = args
        self.settings = settings
        self.function = None

    def __call__(self, function):
        self.function = function
        return function


class Cord(_Marker):
    """A function that a chute offers to its callers."""


class Job(_Marker):
    """A function that a chute runs for a while."""


class _Anything:
    """Stands for what a chute has on the platform and nothing here asks for: any attribute, call or decoration."""

    def __init__(self, name):
        self._name = name

    def __call__(self, *args, **settings):
        decorates = len(args) == 1 and not settings and callable(args[0]) and not isinstance(args[0], _Anything)
        return args[0] if decorates else self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(f"{self._name}.{name}")

    def __repr__(self):
        return f"<{self._name}>"


class Chute:
    """``Chute(username, name, image, …)``: keeps what it is given, and takes every decorator.

    ``image`` is an :class:`chutes.image.Image`, which ``ocibuild build file.py:chute`` builds, or the name of one
    that is ready-made.
    """

    def __init__(self, username, name, image, tagline="", readme="", node_selector=None, **settings):
        self.username = username
        self.name = name
        self.image = image
        self.tagline = tagline
        self.readme = readme
        self.node_selector = node_selector
        self.settings = settings
        self.cords = []
        self.jobs = []
        self.startup_hooks = []
        self.shutdown_hooks = []

    def cord(self, *args, **settings):
        """``@chute.cord(…)``."""
        return self._decorator(self.cords, Cord, args, settings)

    def job(self, *args, **settings):
        """``@chute.job(…)``."""
        return self._decorator(self.jobs, Job, args, settings)

    def on_startup(self, *args, **settings):
        """``@chute.on_startup()``."""
        return self._decorator(self.startup_hooks, _Marker, args, settings)

    def on_shutdown(self, *args, **settings):
        """``@chute.on_shutdown()``."""
        return self._decorator(self.shutdown_hooks, _Marker, args, settings)

    def _decorator(self, kept, kind, args, settings):
        bare = len(args) == 1 and not settings and callable(args[0])
        marker = kind(self) if bare else kind(self, *args, **settings)
        kept.append(marker)
        return marker(args[0]) if bare else marker

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(f"chute.{name}")

    def __repr__(self):
        return f"<Chute {self.username}/{self.name}, image {self.image!r}>"
