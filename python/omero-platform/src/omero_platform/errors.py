"""The one exception of the command line."""


class PlatformError(Exception):
    """Something the person at the keyboard can act on: what happened, and what to do about it."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice
