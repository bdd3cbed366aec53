"""The exceptions that leave this package, each with a message for people."""


class ImsError(Exception):
    """Base of everything this package raises on purpose."""


class UnsupportedPixelsError(ImsError):
    """The pixels have a type, a value or a shape that .ims cannot hold as asked."""


class InvalidMetadataError(ImsError):
    """The metadata do not fit the image or the format."""


class SourceError(ImsError):
    """The block reader returned something other than what it promised."""


class WriteFailedError(ImsError):
    """The file could not be written, for example because the disk is full."""


class WriteCancelledError(ImsError):
    """The caller asked to stop; nothing was left behind."""
