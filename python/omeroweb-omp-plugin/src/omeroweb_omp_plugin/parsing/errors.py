"""What the parsing package raises; each message is written for the person who typed the input."""


class ParsingError(ValueError):
    """A recipe that can't be used: what was wrong, where, and what would be right."""


class PatternError(ParsingError):
    """A regular expression that is refused or doesn't compile."""


class PatternTimeoutError(PatternError):
    """A regular expression that takes too long on a name."""
