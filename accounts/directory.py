"""The city's directory (Active Directory, OpenLDAP): whether it is used, and a person's entry.

`directory_connection.py` asks it. That is imported only where a directory is used: importing ldap3
takes a tenth of a second, in each process that makes a file.
"""

from django.conf import settings

from accounts.directory_person import Person


def is_used() -> bool:
    """Return whether people may log in with their password of the directory."""
    return bool(settings.LDAP_SERVERS)


def find_person(number: str) -> Person | None:
    """Return the person with a staff number, as the directory spells it; None if there is none.

    Raises DirectoryIsAway.
    """
    from accounts.directory_connection import found_person

    return found_person(number)


def is_password_of(person: Person, password: str) -> bool:
    """Return whether the directory takes a password; it also refuses users who are disabled there.

    Raises DirectoryIsAway.
    """
    from accounts.directory_connection import takes_password

    return takes_password(person.dn, password)
