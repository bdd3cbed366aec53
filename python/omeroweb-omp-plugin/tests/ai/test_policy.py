"""The facility decides whom users may ask; what it writes wrongly is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from omero_plugin_common.settings_schema.load import ConfigurationError, load
from omero_plugin_common.settings_schema.render import docs_table
from omeroweb_omp_plugin.ai.config import AiSettings, policy_from
from omeroweb_omp_plugin.ai.errors import AiError


def policy(**variables):
    return policy_from(load(AiSettings, {f"OMP_AI_{name}": value for name, value in variables.items()}))


def test_all_four_providers_are_allowed_and_pseudonymised_by_default():
    found = policy()

    assert [provider.id for provider in found.providers] == ["openai", "anthropic", "google", "mistral"]
    assert all(found.hides(provider) for provider in found.providers)
    assert str(found.provider("openai").address) == "https://api.openai.com/v1"


def test_a_provider_the_facility_does_not_allow_is_refused():
    found = policy(PROVIDERS="mistral")

    with pytest.raises(AiError, match=r"doesn't allow asking OpenAI. It allows: mistral") as caught:
        found.provider("openai")
    assert caught.value.status == 403


def test_a_facility_can_allow_nobody():
    found = policy(PROVIDERS="none")

    assert found.providers == ()
    with pytest.raises(AiError, match="nobody but the built-in suggester"):
        found.provider("google")


def test_an_unknown_provider_is_the_callers_mistake():
    with pytest.raises(AiError, match="no provider called 'groq'") as caught:
        policy().provider("groq")
    assert caught.value.status == 400


def test_a_model_of_the_facility_needs_no_key_and_no_pseudonyms():
    found = policy(ADDRESSES="Facility model=http://127.0.0.1:11434/v1, Cloud=https://llm.example.org/v1")

    own, cloud = found.provider("facility-model"), found.provider("cloud")
    assert (own.title, own.kind, own.needs_key) == ("Facility model", "compatible", False)
    assert not found.hides(own)
    assert found.hides(cloud)


def test_pseudonyms_can_be_switched_off():
    found = policy(PSEUDONYMISE="no")

    assert not found.hides(found.provider("openai"))


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PROVIDERS", "openai,groq", "'groq'"),
        ("ADDRESSES", "http://127.0.0.1:11434", "must be name=address"),
        ("ADDRESSES", "x=ftp://a", "https:// or http://"),
        ("ADDRESSES", "OpenAI=https://a.test", "taken already"),
        ("ADDRESSES", "a=https://a.test,A=https://b.test", "taken already"),
        ("ADDRESSES", "local=https://a.test", "taken already"),
        ("PRIVATE_ADDRESSES", "10.0.0.256", "OMP_AI_PRIVATE_ADDRESSES"),
        ("OPENAI_ADDRESS", "api.openai.com", "OMP_AI_OPENAI_ADDRESS"),
        ("TIMEOUT_SECONDS", "1000", "OMP_AI_TIMEOUT_SECONDS"),
    ],
)
def test_a_wrong_setting_names_itself_and_the_file(name, value, reason):
    with pytest.raises(ConfigurationError, match=reason) as caught:
        policy(**{name: value})
    assert "env/omeroweb.env" in str(caught.value)


def test_the_documentation_tells_every_setting():
    text = (Path(__file__).parents[4] / "docs" / "omp-ai.md").read_text()

    assert docs_table(AiSettings) in text, "put the output of docs_table(AiSettings) into docs/omp-ai.md"
