"""The hardware that a chute wants."""


class NodeSelector:
    """Keeps whatever it is given: it concerns where a chute runs, not its image."""

    def __init__(self, **settings):
        self.__dict__.update(settings)

    def __repr__(self):
        return "NodeSelector(" + ", ".join(f"{key}={value!r}" for key, value in vars(self).items()) + ")"
