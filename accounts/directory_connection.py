"""Asks the city's directory (Active Directory, OpenLDAP) who somebody is: LDAP and nothing else.

A connection is always encrypted, with a certificate that LDAP_CA_FILE or the system knows: by TLS
from the start (ldaps://) or by StartTLS (ldap://). A password never goes over a plain one.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from django.conf import settings
from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import (
    LDAPBusyResult,
    LDAPException,
    LDAPOperationResult,
    LDAPUnavailableResult,
)
from ldap3.utils.conv import escape_filter_chars

from accounts.directory_person import DirectoryIsAway, Person

CONNECT_SECONDS, ANSWER_SECONDS = 3, 5
SLOW_SECONDS, PAUSE_SECONDS = 1, 10
"""A server that kept a log-in waiting for so long, and failed, is not asked again for a while."""

_paused_until: dict[str, float] = {}
"""By address, of this process. Otherwise each log-in would wait, and with all threads of the web
server also those who do not log in. After the pause one tries it, the others go on without."""


def found_person(number: str) -> Person | None:
    """See accounts.directory.find_person."""
    with _connected() as connection:
        attributes = [
            settings.LDAP_NUMBER_ATTRIBUTE,
            settings.LDAP_NAME_ATTRIBUTE,
            settings.LDAP_MAIL_ATTRIBUTE,
        ]
        is_number = f"({settings.LDAP_NUMBER_ATTRIBUTE}={escape_filter_chars(number)})"
        wanted = f"(&{settings.LDAP_USER_FILTER}{is_number})"
        found = _entries(connection, settings.LDAP_USER_BASE, wanted, attributes)
        if len(found) > 1:
            raise DirectoryIsAway(f"「{number}」の人が{len(found)}人います。")
        for dn, values in found:
            return Person(
                dn=dn,
                number=values.get(settings.LDAP_NUMBER_ATTRIBUTE.lower(), ""),
                full_name=values.get(settings.LDAP_NAME_ATTRIBUTE.lower(), ""),
                email=values.get(settings.LDAP_MAIL_ATTRIBUTE.lower(), ""),
                groups=frozenset(_groups(connection, dn)),
            )
    return None


def takes_password(dn: str, password: str) -> bool:
    """See accounts.directory.is_password_of."""
    if not password:
        return False  # the directory would accept it as an anonymous bind
    try:
        with _connected(dn, password):
            return True
    except LDAPOperationResult:
        return False


@contextmanager
def _connected(dn: str = "", password: str = "") -> Iterator[Connection]:
    """Yield a connection bound as `dn`; without one, as the account of the settings.

    Raises DirectoryIsAway, and LDAPOperationResult where the directory refuses somebody.
    """
    connection = _first_bound(dn, password)
    try:
        yield connection
    except (LDAPException, OSError) as error:
        raise DirectoryIsAway(str(error)) from error
    finally:
        with suppress(LDAPException, OSError):
            connection.unbind()


def _first_bound(dn: str, password: str) -> Connection:
    """Return a connection with the first server that answers."""
    faults = []
    for address in settings.LDAP_SERVERS:
        if _is_paused(address):
            faults.append(f"{address}：応答しなかったため、{PAUSE_SECONDS}秒のあいだ尋ねません")
            continue
        try:
            with _silence_noted(address):
                return _bound(address, dn or settings.LDAP_BIND_DN, password)
        except (LDAPBusyResult, LDAPUnavailableResult) as error:
            faults.append(f"{address}：{error}")
        except LDAPOperationResult as error:
            if dn:
                raise
            faults.append(f"{address}：LDAP_BIND_DN か LDAP_BIND_PASSWORD が違います（{error}）")
        except (LDAPException, OSError) as error:
            faults.append(f"{address}：{error}")
    raise DirectoryIsAway("；".join(faults))


def _is_paused(address: str) -> bool:
    """Return whether a server is not to be asked now; the first after its pause asks for all."""
    until = _paused_until.get(address)
    if until is None:
        return False
    if until > monotonic():
        return True
    _paused_until[address] = monotonic() + PAUSE_SECONDS
    return False


@contextmanager
def _silence_noted(address: str) -> Iterator[None]:
    """Pause a server that keeps us waiting and does not answer; a refusal is an answer."""
    began = monotonic()
    try:
        yield
    except LDAPOperationResult:
        _paused_until.pop(address, None)
        raise
    except (LDAPException, OSError):
        if monotonic() - began >= SLOW_SECONDS:
            _paused_until[address] = monotonic() + PAUSE_SECONDS
        raise
    _paused_until.pop(address, None)


def _bound(address: str, dn: str, password: str) -> Connection:
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=settings.LDAP_CA_FILE or None)
    server = Server(address, get_info=NONE, tls=tls, connect_timeout=CONNECT_SECONDS)
    connection = Connection(
        server,
        user=dn or None,
        password=(password or settings.LDAP_BIND_PASSWORD) if dn else None,
        receive_timeout=ANSWER_SECONDS,
        raise_exceptions=True,
        auto_referrals=False,
        read_only=True,
    )
    connection.open()
    if not server.ssl:
        connection.start_tls()
    connection.bind()
    return connection


def _groups(connection: Connection, dn: str) -> Iterator[str]:
    if not settings.LDAP_GROUP_BASE:
        return
    wanted = settings.LDAP_GROUP_FILTER.replace("{dn}", escape_filter_chars(dn))
    for group, values in _entries(connection, settings.LDAP_GROUP_BASE, wanted, ["cn"]):
        yield group.lower()
        yield values.get("cn", "").lower()


def _entries(
    connection: Connection, base: str, wanted: str, attributes: list[str]
) -> list[tuple[str, dict[str, str]]]:
    """Return names (DN) of entries, each with the first value of its attributes, in lower case."""
    connection.search(base, wanted, SUBTREE, attributes=attributes)
    return [
        (
            entry["dn"],
            {
                name.lower(): values[0].decode("utf-8", "replace")
                for name, values in entry["raw_attributes"].items()
                if values
            },
        )
        for entry in connection.response
        if entry["type"] == "searchResEntry"
    ]
