"""Static keys and the region of a profile in ~/.aws, which obstore does not read."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping

from augcli.problems import Problem, Refused

_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_OTHERS = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def profile(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the profile says that the environment names, or `default`, as far as variables do not say it.

    Raises `Refused` where a profile that is named has no static keys.
    """
    named = environment.get("AWS_PROFILE")
    name = named or "default"
    folder = os.path.join(environment.get("HOME", os.path.expanduser("~")), ".aws")
    keys = _section(environment.get("AWS_SHARED_CREDENTIALS_FILE", os.path.join(folder, "credentials")), name)
    section = name if name == "default" else f"profile {name}"
    rest = _section(environment.get("AWS_CONFIG_FILE", os.path.join(folder, "config")), section)
    both = {**rest, **keys}
    found: dict[str, str] = {}
    if not environment.get("AWS_ACCESS_KEY_ID") and not any(environment.get(other) for other in _OTHERS):
        found = {key: both[key] for key in _KEYS if key in both}
        if named and _KEYS[0] not in found:
            help = f"aws configure export-credentials --profile {name} --format env"
            raise Refused(Problem(f"AWS_PROFILE: the profile `{name}` has no static keys in ~/.aws", help))
    if "region" in both and not environment.get("AWS_REGION") and not environment.get("AWS_DEFAULT_REGION"):
        found["aws_region"] = both["region"]
    return found


def _section(path: str, name: str) -> dict[str, str]:
    """Return a section of an INI file; empty where there is none that can be read."""
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
        return dict(parser[name]) if parser.has_section(name) else {}
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
