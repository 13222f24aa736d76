"""What can go wrong with an image."""


class ImageError(ValueError):
    """Something about an image is not as the rules have it; the message says the rule."""


class BuildError(RuntimeError):
    """``ocibuild`` failed, or is not there.

    ``status`` is its exit status (None where it could not be started): that of the failed step, or 125 where ocibuild
    itself failed. ``log`` is everything that it wrote to standard error.
    """

    #: How many lines of the log the message shows.
    SHOWN = 25

    def __init__(self, message, status=None, log=""):
        lines = log.rstrip("\n").split("\n") if log.strip() else []
        shown = lines[-self.SHOWN :]
        if len(lines) > len(shown):
            shown.insert(0, f"… ({len(lines) - len(shown)} lines before these)")
        super().__init__("\n".join([message] + ["  " + line for line in shown]))
        self.status = status
        self.log = log
