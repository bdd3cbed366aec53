"""What can go wrong between this server and a provider; each message is for the person who asked."""

from __future__ import annotations

from http import HTTPStatus

from omero_plugin_common.web.errors import UserError


class AiError(UserError):
    """Help that could not be had, with the status to answer."""


class RefusedAddressError(AiError):
    """An address that the facility's rules don't let this server connect to."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=HTTPStatus.FORBIDDEN)


class ProviderError(AiError):
    """A provider that failed or answered something that can't be used.

    `passing` faults may be gone at the next attempt.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_GATEWAY,
        retry_after_seconds: int | None = None,
        passing: bool = False,
    ) -> None:
        super().__init__(message, status=status, retry_after_seconds=retry_after_seconds)
        self.passing = passing


class ProviderTimeoutError(ProviderError):
    """A provider that took longer than the facility waits."""

    def __init__(self, title: str, seconds: float) -> None:
        super().__init__(
            f"{title} did not answer within {seconds:g} s. Try again, or use the built-in suggestion.",
            status=HTTPStatus.GATEWAY_TIMEOUT,
        )


class UnusableAnswerError(ValueError):
    """An answer that is no rule for these names; the built-in suggestion is offered instead."""
