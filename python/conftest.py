"""How tests run in every distribution: property tests with the same examples each time, and nothing in a hurry."""

from contextlib import suppress

from hypothesis import HealthCheck, settings

# Machines that run tests are busy: one slow example says nothing about the code.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# What a page shows is waited for as long as a slow machine may need; a page's own default doesn't cover `expect`.
with suppress(ImportError):
    from playwright.sync_api import expect

    expect.set_options(timeout=60_000)
