from __future__ import annotations

from pathlib import Path

import pytest

from custodian.paths import ENVIRONMENT, resolve


def test_an_option_wins_over_the_environment_which_wins_over_the_platform(home):
    environment = {variable: f"/env/{name}" for name, variable in ENVIRONMENT.items()}
    by_platform = resolve({}, {})
    assert by_platform.vault == home / ".local/share/breakglass/vault"
    assert by_platform.config == home / ".config/breakglass/config.toml"
    assert by_platform.passphrase_file is None
    by_environment = resolve({}, environment)
    assert by_environment.vault == Path("/env/vault")
    assert by_environment.passphrase_file == "/env/passphrase_file"
    by_option = resolve({name: f"/opt/{name}" for name in ENVIRONMENT}, environment)
    assert by_option.identity == Path("/opt/identity")
    assert by_option.passphrase_file == "/opt/passphrase_file"


def test_an_empty_value_counts_as_not_set():
    assert resolve({"vault": ""}, {"BREAKGLASS_VAULT": ""}) == resolve({}, {})


def test_a_tilde_is_the_home(home):
    assert resolve({"vault": "~/v"}, {}).vault == home / "v"


@pytest.mark.parametrize("given", [{"config": "/c"}, {}])
def test_the_settings_file_knows_whether_it_was_named(given):
    assert resolve(given, {}).config_was_named is bool(given)
