"""What the plugin reads from the environment."""

from __future__ import annotations

from functools import cache

from omero_plugin_common.env_utils import ENV_FILE_OMEROWEB, ENV_FILE_SECRETS
from omero_plugin_common.settings_schema.load import load
from omero_plugin_common.settings_schema.schema import setting, settings_schema
from omeroweb_omp_plugin.ownership import Signer


@settings_schema(title="OMP plugin", env_file=ENV_FILE_OMEROWEB)
class OmpSettings:
    """Ownership marks, limits of one run, and how fresh a login has to be for deleting."""

    hash_secret: str = setting(
        "FMP_HASH_SECRET",
        "Secret of the ownership mark. Without one anybody can make the mark, and pages say so.",
        env_file=ENV_FILE_SECRETS,
        secret=True,
        default="",
    )
    previous_hash_secrets: tuple[str, ...] = setting(
        "OMP_PREVIOUS_HASH_SECRETS",
        "Former secrets, separated by commas; marks made with them are still recognised.",
        env_file=ENV_FILE_SECRETS,
        secret=True,
        default=(),
    )
    most_images: int = setting(
        "OMP_MOST_IMAGES", "Images in one preview or job.", default=20_000, minimum=1, maximum=200_000
    )
    batch: int = setting("OMP_BATCH", "Images written at once.", default=250, minimum=1, maximum=1000)
    fresh_login_seconds: int = setting(
        "OMP_FRESH_LOGIN_SECONDS",
        "Instead of typing a password, people who log in through a provider confirm a deletion by a login "
        "not older than this.",
        default=300,
        minimum=10,
        maximum=86_400,
    )
    terms: tuple[str, ...] = setting(
        "OMP_TERMS",
        "The facility's own names with hyphens that must stay whole, separated by commas.",
        default=(),
        example="AB-12,mNG-LacI",
    )


@cache
def omp_settings() -> OmpSettings:
    """The settings of this process."""
    return load(OmpSettings)


def signer() -> Signer:
    """What makes and recognises the ownership mark here."""
    settings = omp_settings()
    return Signer(settings.hash_secret, settings.previous_hash_secrets)
