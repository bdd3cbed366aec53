"""What the facility decides about help from language models."""

from __future__ import annotations

from functools import cache

from omero_plugin_common.env_utils import ENV_FILE_OMEROWEB
from omero_plugin_common.settings_schema.load import ConfigurationError, load
from omero_plugin_common.settings_schema.schema import setting, settings_schema
from omeroweb_omp_plugin.ai.policy import BUILT_IN, Policy, make_policy

TITLE = "AI assistance"


@settings_schema(title=TITLE, env_file=ENV_FILE_OMEROWEB)
class AiSettings:
    """Which providers users may ask, what may leave the site, and how long to wait."""

    providers: tuple[str, ...] = setting(
        "OMP_AI_PROVIDERS",
        f"Providers users may ask with their own keys, out of {', '.join(BUILT_IN)}; none for no provider.",
        default=tuple(BUILT_IN),
    )
    addresses: tuple[str, ...] = setting(
        "OMP_AI_ADDRESSES",
        "Further OpenAI-compatible addresses as name=address, such as models the facility runs itself.",
        default=(),
        example="Facility model=http://127.0.0.1:11434/v1",
    )
    private_addresses: tuple[str, ...] = setting(
        "OMP_AI_PRIVATE_ADDRESSES",
        "IP addresses and networks inside the facility that names of providers may lead to.",
        default=(),
        example="10.0.0.5,10.20.0.0/16",
    )
    pseudonymise: bool = setting(
        "OMP_AI_PSEUDONYMISE",
        "Replace words and numbers in file names before they leave the site, and put them back into the answer.",
        default=True,
    )
    timeout_seconds: float = setting(
        "OMP_AI_TIMEOUT_SECONDS",
        "Longest time to wait for a suggestion, attempts included.",
        default=30.0,
        minimum=1,
        maximum=100,
    )
    check_seconds: float = setting(
        "OMP_AI_CHECK_SECONDS",
        "Longest time to wait when a key is tested or models are listed.",
        default=8.0,
        minimum=0.5,
        maximum=60,
    )
    openai_address: str = setting(
        "OMP_AI_OPENAI_ADDRESS", "Where OpenAI is asked.", default="https://api.openai.com/v1"
    )
    anthropic_address: str = setting(
        "OMP_AI_ANTHROPIC_ADDRESS", "Where Anthropic is asked.", default="https://api.anthropic.com/v1"
    )
    google_address: str = setting(
        "OMP_AI_GOOGLE_ADDRESS",
        "Where Google is asked.",
        default="https://generativelanguage.googleapis.com/v1beta",
    )
    mistral_address: str = setting(
        "OMP_AI_MISTRAL_ADDRESS", "Where Mistral is asked.", default="https://api.mistral.ai/v1"
    )

    def __post_init__(self) -> None:
        policy_from(self)


def policy_from(settings: AiSettings) -> Policy:
    """The policy these settings describe; raises ConfigurationError with every problem."""
    policy, problems = make_policy(
        providers=settings.providers,
        built_in_addresses={
            "openai": settings.openai_address,
            "anthropic": settings.anthropic_address,
            "google": settings.google_address,
            "mistral": settings.mistral_address,
        },
        own_addresses=settings.addresses,
        private_addresses=settings.private_addresses,
        pseudonymise=settings.pseudonymise,
        timeout_seconds=settings.timeout_seconds,
        check_seconds=settings.check_seconds,
    )
    if problems:
        advice = f"Correct it in {ENV_FILE_OMEROWEB} and restart OMERO.web."
        raise ConfigurationError(TITLE, tuple(f"{problem}. {advice}" for problem in problems))
    return policy


@cache
def ai_policy() -> Policy:
    """The policy of this process."""
    return policy_from(load(AiSettings))
