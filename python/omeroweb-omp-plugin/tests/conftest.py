"""Settings of the property tests: no deadlines, since machines that run them are busy; the same examples each time."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
