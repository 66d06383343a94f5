"""What script/audit finds: its own guards can fail, and the files of the house hold no secret."""

import pytest

from tests.attacks import leaked, licences

WORDS = "aB3" + "dE5fG7hI9jK1lM2nO4pQ6rS8tU0v"
# Made of pieces, so that this file holds none itself.
KEYS = [
    "-----BEGIN " + "PRIVATE KEY-----",
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ghp" + "_" + "a" * 36,
    "op" + "_" + "x" * 43,
    "postgres" + "://paspoort:zeergeheim@db/paspoort",
    "eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIxMjM0" + ".SflKxwRJSMeKKF2QT4",
    "SECRET_KEY" + f' = "{WORDS}"',
    "LEDGER_KEY" + f"={WORDS}",
    '"api_key"' + f': "{WORDS}"',
]
NONE = [
    "password = forms.CharField(label=_('Wachtwoord'))",
    "SECRET_KEY: shorter than 32 characters",
    'token = "een-heel-lang-woord-zonder-cijfers"',
    "secret_key = env.text('SECRET_KEY')",
    "redis://127.0.0.1:6379/0",
    "    --hash=sha256:9362660c4a31150cf18e78cae2ce8aa1e929fc6c6739e69f6dd5dbea9c3edc82",
]


@pytest.mark.parametrize("line", KEYS)
def test_the_search_finds_a_key(line):
    assert leaked.found_in(line)


@pytest.mark.parametrize("line", NONE)
def test_the_search_leaves_words_alone(line):
    assert leaked.found_in(line) == []


def test_no_file_holds_a_secret():
    assert leaked.secrets_of(leaked.in_tree()) == []


def test_what_it_says_holds_no_secret():
    (said,) = leaked.secrets_of([("here:1", KEYS[6])])
    assert said == "here:1: named secret"


@pytest.mark.parametrize(
    ("said", "fine"),
    [
        ([{"license": {"id": "MIT"}}], True),
        ([{"license": {"name": "License :: OSI Approved :: BSD License"}}], True),
        ([{"expression": "Apache-2.0 OR GPL-3.0-only"}], True),
        ([{"expression": "MIT AND PSF-2.0"}], True),
        ([{"expression": "MIT AND SSPL-1.0"}], False),
        ([{"license": {"id": "AGPL-3.0-only"}}], False),
        ([{"license": {"name": "Proprietary"}}], False),
        ([], False),
    ],
)
def test_the_check_of_licences_says_yes_and_no(said, fine):
    assert licences.is_fine({"name": "x", "version": "1", "licenses": said}) is fine
