import pytest

from portal.config import Config, ConfigurationError, MailSettings, from_environment
from portal.domain.second_factor import SecondFactor

SECRET = "x" * 32


def read(**environ: str) -> object:
    return from_environment({"PORTAL_SECRET_KEY": SECRET, **environ})


@pytest.mark.parametrize("secret", ["", "x" * 31])
def test_a_start_without_a_long_secret_is_refused(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_SECRET_KEY"):
        from_environment({"PORTAL_SECRET_KEY": secret})


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, "https://127.0.0.1"),
        ({"PORTAL_HOSTS": "portal.example.org,other.example.org"}, "https://portal.example.org"),
        ({"PORTAL_DEVELOPMENT": "1"}, "http://127.0.0.1:8000"),
        ({"PORTAL_URL": "https://visits.example.org/"}, "https://visits.example.org"),
    ],
)
def test_links_in_mail_lead_where_the_settings_say(environ: dict[str, str], url: str) -> None:
    assert from_environment({"PORTAL_SECRET_KEY": SECRET, **environ}).public_url == url


WRONG = {
    "PORTAL_URL": ["portal.example.org", "ftp://portal.example.org", "https://", "https://portal.example.org/sub", "https://portal.example.org/?a=b"],
    "PORTAL_REQUIRE_MFA": ["1", "everybody", "NONE"],
    "PORTAL_SMTP_URL": ["mail.example.org:25", "http://mail.example.org", "smtp://"],
    "PORTAL_DEVELOPMENT": ["yes", "2"],
    "PORTAL_PROXIES": ["-1", "one", "\u0661"],
    "PORTAL_IDLE_MINUTES": ["0", "1.5"],
    "PORTAL_API_TIME_ZONE": ["America", "Mars/Olympus"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_setting_that_cannot_be_meant_is_named(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read(**{name: text, "PORTAL_MAIL_FROM": "portal@example.org"})


@pytest.mark.parametrize("sender", ["", "portal", "portal@example.org\r\nBcc: all@example.org"])
def test_a_mail_server_needs_an_address_to_send_from(sender: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_MAIL_FROM"):
        read(PORTAL_SMTP_URL="smtp://mail.example.org", PORTAL_MAIL_FROM=sender)


@pytest.mark.parametrize("text", ["", *SecondFactor])
def test_who_needs_a_second_factor_is_a_setting(text: str) -> None:
    assert from_environment({"PORTAL_SECRET_KEY": SECRET, "PORTAL_REQUIRE_MFA": text}).second_factor.value == (text or "none")


@pytest.mark.parametrize(
    ("sender", "url", "address"),
    [
        ("desk@clinic.example", "https://portal.example", "desk@clinic.example"),
        ("Riverside <desk@clinic.example>", "https://portal.example", "desk@clinic.example"),
        ("", "https://portal.example:8443", "portal@portal.example"),
        ("", "http://[2001:db8::1]:8000", "portal@[2001:db8::1]"),
    ],
)
def test_mail_and_calendars_name_one_address(sender: str, url: str, address: str) -> None:
    assert Config("sqlite://", SECRET, public_url=url, mail=MailSettings(sender)).sender_address == address
