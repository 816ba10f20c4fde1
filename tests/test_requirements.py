"""What is installed: the direct dependencies with their reasons, and the lists made from them."""

import re

import pytest
from django.conf import settings

PRODUCT, DEVELOPMENT = "requirements", "requirements-dev"

PIN = re.compile(r"([a-z0-9-]+)(?:\[[a-z0-9,]+\])?==([0-9][0-9a-z.]*)")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}")

both = pytest.mark.parametrize("name", [PRODUCT, DEVELOPMENT])


def lines_of(file_name: str) -> list[str]:
    return (settings.BASE_DIR / file_name).read_text(encoding="utf-8").splitlines()


def direct(name: str) -> dict[str, str]:
    """The versions by name of the packages that we ask for ourselves."""
    return dict(PIN.match(line).groups() for line in lines_of(f"{name}.in") if line[0] not in "#-")


def installed(name: str) -> dict[tuple[str, str], set[str]]:
    """The hashes of each package, by its name and version."""
    hashes, package = {}, None
    for line in lines_of(f"{name}.txt"):
        if pin := PIN.match(line):
            package = pin.groups()
            hashes[package] = set()
        elif HASH.match(line):
            hashes[package].add(line.removesuffix(" \\"))
    return hashes


@both
def test_every_direct_dependency_says_why_it_is_there(name):
    entries = [line for line in lines_of(f"{name}.in") if line[0] not in "#-"]
    assert [line for line in entries if not re.fullmatch(rf"{PIN.pattern} +# \S.*", line)] == []


@both
def test_a_list_holds_names_versions_and_hashes_only(name):
    allowed = re.compile(rf"{PIN.pattern} \\|{HASH.pattern}( \\)?| *#[^:/]*:?")
    assert [line for line in lines_of(f"{name}.txt") if not allowed.fullmatch(line)] == []


@both
def test_every_package_of_a_list_has_hashes(name):
    assert [package for package, hashes in installed(name).items() if not hashes] == []


@both
def test_the_list_is_made_from_the_current_direct_dependencies(name):
    assert direct(name).items() - installed(name).keys() == set()


def test_development_installs_the_very_packages_of_the_product():
    development = installed(DEVELOPMENT)
    for package, hashes in installed(PRODUCT).items():
        assert development[package] == hashes


def test_hooks_before_a_commit_download_nothing():
    settings_of_hooks = "\n".join(lines_of(".pre-commit-config.yaml"))
    assert set(re.findall(r"repo: *(\S+)", settings_of_hooks)) == {"local"}
    assert set(re.findall(r"language: *(\S+)", settings_of_hooks)) == {"system"}
