"""Reading the settings: environment over file, once. A wrong one ends the start with a sentence and the remedy."""

import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource
from pydantic_settings import SettingsError as UnreadableVariable

from sre_ingest.mistakes import Mistake
from sre_ingest.settings import sentences
from sre_ingest.settings.tree import PREFIX, Settings

CONFIG_VARIABLE = "SRE_INGEST_CONFIG"


class SettingsError(Mistake):
    """The settings cannot be used. The message names each wrong one and what to do."""


def load(config: Path | None = None) -> Settings:
    """Read the settings. SettingsError names everything that is wrong. `config` stands before SRE_INGEST_CONFIG."""
    _check_names()
    named = os.environ.get(CONFIG_VARIABLE)
    file = config or (Path(named) if named else None)
    content = {} if file is None else _content(file)

    class _Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return env_settings, InitSettingsSource(settings_cls, content)

    try:
        return _Sourced()
    except ValidationError as error:
        raise SettingsError(
            sentences.of_validation(error, partial(sentences.written, prefix=PREFIX, file=file))
        ) from None
    except UnreadableVariable as error:
        raise SettingsError(f"{_variables(str(error))}: write lists and maps in the environment as JSON") from None


def read_secret(file: Path | None) -> str | None:
    """The secret in a file, without the white space around it. SettingsError when there is none to read."""
    if file is None:
        return None
    try:
        secret = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read ({type(error).__name__}); put the secret there") from None
    if not secret:
        raise SettingsError(f"{file} is empty; put the secret there")
    return secret


def _content(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text())
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror}); name another file of settings") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise SettingsError(sentences.of_yaml(file, error)) from None
    if not isinstance(content, dict | None) or not all(isinstance(name, str) for name in content or ()):
        raise SettingsError(f"{file} must hold a mapping of settings, as in `tenant: default`")
    return content or {}


def _check_names() -> None:
    # A misspelt variable would otherwise be a setting that silently is not set.
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    for name in os.environ:
        if name.startswith(PREFIX) and name.split("__")[0] not in known:
            raise SettingsError(f"{name} is no setting; {_remedy(os.environ[name])}")


def _remedy(value: str) -> str:
    if value.startswith("tcp://"):
        return "Kubernetes sets it for a Service of that name; set enableServiceLinks: false on the pod"
    return "correct its name or remove it from the environment"


def _variables(message: str) -> str:
    """The variables that speak of the setting which pydantic's message names."""
    names = re.findall(r'for field "(\w+)"', message)
    return ", ".join(
        variable
        for variable in sorted(os.environ)
        for name in names
        if variable.split("__")[0] == PREFIX + name.upper()
    )
