"""Users' keys for providers: tested before they are kept, encrypted at rest, never shown again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omero_plugin_common.secrets.keyring import SecretsError
from omeroweb_omp_plugin.ai.errors import AiError
from omeroweb_omp_plugin.ai.line import Line
from omeroweb_omp_plugin.models import AiCredential

if TYPE_CHECKING:
    from omero_plugin_common.database.owned import Owner
    from omeroweb_omp_plugin.ai.policy import Policy, Provider
    from omeroweb_omp_plugin.ai.providers.base import Model

# Printable and without spaces, so that a key can stand in an HTTP header and nothing else with it.
KEY_FORM = re.compile(r"[!-~]{1,500}")


def stored_providers(owner: Owner) -> list[str]:
    """The ids of the providers the owner has a key for."""
    return sorted(AiCredential.objects.of(owner).values_list("provider", flat=True))


def stored_key(owner: Owner, provider: Provider) -> str:
    """The owner's key, empty when there is none; raises AiError when it can't be decrypted any more."""
    rows = AiCredential.objects.of(owner).filter(provider=provider.id)
    try:
        row = rows.first()
    except SecretsError:
        raise AiError(
            f"Your stored key for {provider.title} can't be read any more. Enter it again.", status=409
        ) from None
    return "" if row is None else str(row.api_key)


def key_to_use(owner: Owner, provider: Provider, typed: str = "") -> str:
    """The key typed, else the stored one; raises AiError when one is needed and there is none, or it can't be one."""
    key = typed.strip() or stored_key(owner, provider)
    if not key and provider.needs_key:
        raise AiError(f"You have no key for {provider.title} here. Add one under AI keys.")
    if key and not KEY_FORM.fullmatch(key):
        raise AiError("This is not a key: keys are one word of letters, digits and signs.")
    return key


def models_for(owner: Owner, policy: Policy, provider: Provider, typed: str = "") -> list[Model]:
    """The models the key may use, which also shows that it works; raises AiError."""
    return Line(policy, provider, key_to_use(owner, provider, typed)).models()


def save_key(owner: Owner, provider: Provider, key: str) -> None:
    """Keep a key in place of the one before."""
    AiCredential.objects.of(owner)
    AiCredential.objects.update_or_create(
        owner_id=owner.user_id,
        provider=provider.id,
        defaults={"username": owner.username, "api_key": key.strip()},
    )


def delete_key(owner: Owner, provider_id: str) -> int:
    """Forget one key; returns how many there were."""
    deleted, _ = AiCredential.objects.of(owner).filter(provider=provider_id).delete()
    return int(deleted)
