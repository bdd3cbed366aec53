"""What can go wrong with a job; every message is written for the person who sees it."""

from __future__ import annotations


class JobError(Exception):
    """Base of what the job engine raises."""


class UnknownKindError(JobError):
    """No plugin has registered this kind of job."""


class JobNotFoundError(JobError):
    """There is no such job, or it isn't the caller's to see."""


class JobLimitError(JobError):
    """The user already has as many unfinished jobs as allowed."""


class JobStateError(JobError):
    """The job is not in a state that allows this."""


class JobFailedError(JobError):
    """Raised by a job's own code: end the job as failed, with a message for its owner."""


class RetryLaterError(JobError):
    """Raised by a job's own code: something outside is unavailable, try again after a pause."""


class JobInterruptedError(BaseException):
    """Raised inside a step that must stop now; not an Exception, so that job code doesn't swallow it."""


class JobCancelledError(JobInterruptedError):
    """The owner or an administrator cancelled the job."""


class JobOverdueError(JobInterruptedError):
    """The job used more time than its kind may."""


class LeaseLostError(JobInterruptedError):
    """Another worker has taken the job over; this one must not touch it any more."""
