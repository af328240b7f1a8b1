"""Configuration: every setting is read, every wrong one stops the process with its name."""

import re

import pytest

from core.settings import REPOSITORY, Settings, SettingsError

SECRETS = {
    "HENGJIAN_SECRET_KEY": "s" * 40,
    "HENGJIAN_TICKET_SECRET": "t" * 40,
    "HENGJIAN_DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_missing_or_short_secret_stops_the_process_by_name(name):
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**SECRETS, name: ""})
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**SECRETS, name: "short"})


def test_the_defaults_are_sqlite_in_the_instance_folder_and_shanghai_time():
    settings = Settings.from_environment(SECRETS)
    assert settings.database_url == f"sqlite:///{REPOSITORY / 'instance' / 'hengjian.sqlite3'}"
    assert settings.time_zone == "Asia/Shanghai"
    assert not settings.secure_cookies


def test_every_setting_is_read_from_its_variable():
    settings = Settings.from_environment(
        SECRETS
        | {
            "HENGJIAN_INSTANCE": "/srv/hengjian",
            "DATABASE_URL": "postgresql://user@host/base",
            "HENGJIAN_TIME_ZONE": "Asia/Urumqi",
            "HENGJIAN_SECURE_COOKIES": "1",
            "HENGJIAN_TRUSTED_PROXIES": "1",
            "HENGJIAN_PUBLIC_ADDRESS": "https://exam.example.cn:8443/",
            "HENGJIAN_IDLE_MINUTES": "15",
            "HENGJIAN_LARGEST_UPLOAD": "1048576",
            "HENGJIAN_ORGANISATION": "某市委组织部",
        }
    )
    assert settings.database_url == "postgresql+psycopg://user@host/base"
    assert (settings.time_zone, settings.secure_cookies, settings.trusted_proxies) == ("Asia/Urumqi", True, 1)
    assert settings.public_address == "https://exam.example.cn:8443"
    assert (settings.idle_minutes, settings.largest_upload, settings.organisation) == (15, 1048576, "某市委组织部")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/base"),
        ("HENGJIAN_TIME_ZONE", "Asia/Nowhere"),
        ("HENGJIAN_PUBLIC_ADDRESS", "exam.example.cn"),
        ("HENGJIAN_PUBLIC_ADDRESS", "https://exam.example.cn/path"),
        ("HENGJIAN_IDLE_MINUTES", "0"),
        ("HENGJIAN_IDLE_MINUTES", "half an hour"),
        ("HENGJIAN_DATA_KEY", "x" * 44),
    ],
)
def test_a_wrong_value_stops_the_process_by_name(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**SECRETS, name: value})


def test_the_settings_are_frozen():
    with pytest.raises(AttributeError):
        Settings.from_environment(SECRETS).secret_key = "other"


def test_every_variable_is_documented_for_the_operator():
    named = set(re.findall(r"\b(?:HENGJIAN_[A-Z_]+|DATABASE_URL)\b", (REPOSITORY / "core/settings.py").read_text()))
    documented = (REPOSITORY / "docs" / "operator.md").read_text()
    assert sorted(name for name in named if name not in documented) == []


def test_with_a_certificate_cookies_are_for_https_alone(tmp_path):
    certificate, key = tmp_path / "server.pem", tmp_path / "server-key.pem"
    certificate.touch()
    key.touch()
    both = {"HENGJIAN_TLS_CERTIFICATE": str(certificate), "HENGJIAN_TLS_KEY": str(key)}
    settings = Settings.from_environment(SECRETS | both)
    assert settings.secure_cookies
    assert (settings.tls_certificate, settings.tls_key) == (str(certificate), str(key))


@pytest.mark.parametrize("name", ["HENGJIAN_TLS_CERTIFICATE", "HENGJIAN_TLS_KEY"])
def test_a_certificate_without_its_key_or_its_file_stops_the_process(tmp_path, name):
    with pytest.raises(SettingsError, match="together"):
        Settings.from_environment({**SECRETS, name: str(tmp_path)})
    both = {"HENGJIAN_TLS_CERTIFICATE": __file__, "HENGJIAN_TLS_KEY": __file__}
    with pytest.raises(SettingsError, match=f"{name}: there is no file"):
        Settings.from_environment(SECRETS | both | {name: str(tmp_path / "none.pem")})
