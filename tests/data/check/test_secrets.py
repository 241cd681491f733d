"""Keys are found by their form and never told whole; words that look a little like keys are none."""

import pytest

from workbench.data.check.secrets import look_at_secrets

KEYS = [
    ("an AWS access key", "AKIAIOSFODNN7EXAMPLE"),
    ("a GitHub token", "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2),
    ("an API key", "sk-" + "a1B2c3D4e5F6g7H8i9J0" * 2),
    ("an API key", "sk-proj-" + "a1B2c3D4e5_F6g7H8i9J0" * 2),
    ("a Slack token", "xoxb-123456789012-abcdefABCDEF"),
    ("a Google API key", "AIza" + "SyA1234567890abcdefghijklmnopqrstu-"),
    ("a Hugging Face token", "hf_" + "abcdefghijABCDEFGHIJklmnopqrstuvwx"),
    ("a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n"),
    ("a private key", "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA" * 4),
]
HARMLESS = [
    "a sk-learn-like-task-specific-library-for-all", "risk-averse", "sk-" + "x" * 40, "hf_hub_download", "@user",
    "a@b", "git@github.com:x/y.git", "logo@2x.png", "package@1.2.3", "-----BEGIN RSA PRIVATE KEY-----", "eyJust.eyJ.x",
]  # fmt: skip


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_a_key_is_named_but_not_shown(name, key):
    ((code, what),) = look_at_secrets(f"use {key}, please")
    assert code == "secret"
    assert what.startswith(name)
    assert key[:8] not in what


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_it_is_none(text):
    assert list(look_at_secrets(f"so {text} so")) == []


def test_an_address_is_told_without_its_name():
    assert list(look_at_secrets("Mail bob.smith@gmail.com.")) == [("email-address", "b…@gmail.com")]
