"""A small city's directory: Debian's slapd on free ports, with a certificate of its authority."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import free_port

BASE = "dc=city,dc=test"
READER, READER_PASSWORD = f"cn=reader,{BASE}", "yomu-dake-no-hito"
PASSWORD = "hanasaki-gani-2016"

PEOPLE = {
    "00123": ("見本 花子", "hanako@city.test"),
    "00124": ("見本 太郎", ""),
    "00125": ("無番 三郎", ""),
    "k0001": ("企画 一郎", "ichiro@city.test"),
    "with space": ("空白 さん", ""),
}
WITHOUT_PASSWORD = {"00125"}
GROUPS = {"kikaku": ["k0001"], "suisan-tanto": ["00123"], "suisan-kacho": ["00124"]}

CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb.so
pidfile {folder}/pid
TLSCertificateFile {folder}/server.crt
TLSCertificateKeyFile {folder}/server.key
database mdb
maxsize 10485760
suffix "{base}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""


@dataclass(frozen=True)
class Directory:
    """Addresses with TLS from the start and with StartTLS, and the authority's certificate."""

    ldaps: str
    ldap: str
    authority: str


@contextmanager
def running_directory(folder: Path) -> Iterator[Directory]:
    """Run slapd with the people and groups above."""
    (folder / "data").mkdir()
    make_certificates(folder)
    names = {"folder": folder, "base": BASE, "reader": READER}
    (folder / "slapd.conf").write_text(CONFIGURATION.format(**names))
    (folder / "people.ldif").write_text(_people(), encoding="utf-8")
    configuration = ["-f", str(folder / "slapd.conf")]
    _run("/usr/sbin/slapadd", *configuration, "-l", str(folder / "people.ldif"))
    ports = free_port(), free_port()
    directory = Directory(
        f"ldaps://localhost:{ports[0]}", f"ldap://localhost:{ports[1]}", str(folder / "ca.crt")
    )
    addresses = f"{directory.ldaps} {directory.ldap}"
    command = ["/usr/sbin/slapd", *configuration, "-h", addresses, "-d", "0"]
    with subprocess.Popen(command) as process:
        try:
            for port in ports:
                _wait_for(port, process)
            yield directory
        finally:
            process.terminate()


def make_certificates(folder: Path) -> None:
    """Make an authority and a certificate of it for localhost."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    authority, server = folder / "ca", folder / "server"
    _run("openssl", "req", "-x509", *key, "-subj", "/CN=City CA",
         "-keyout", f"{authority}.key", "-out", f"{authority}.crt")  # fmt: skip
    _run("openssl", "req", "-x509", *key, "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE",
         "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key",
         "-keyout", f"{server}.key", "-out", f"{server}.crt")  # fmt: skip


def _people() -> str:
    entries = [
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: city\ndc: city",
        f"dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people",
        f"dn: ou=groups,{BASE}\nobjectClass: organizationalUnit\nou: groups",
        f"dn: {READER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
        f"cn: reader\nuserPassword: {READER_PASSWORD}",
    ]
    for number, (name, mail) in PEOPLE.items():
        entry = (
            f"dn: uid={number},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {number}\n"
            f"cn: {name}\nsn: {name}"
        )
        entry += f"\nuserPassword: {PASSWORD}" if number not in WITHOUT_PASSWORD else ""
        entries.append(entry + (f"\nmail: {mail}" if mail else ""))
    for name, members in GROUPS.items():
        lines = "".join(f"\nmember: uid={number},ou=people,{BASE}" for number in members)
        entry = f"dn: cn={name},ou=groups,{BASE}\nobjectClass: groupOfNames\ncn: {name}"
        entries.append(entry + lines)
    return "\n\n".join(entries) + "\n"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(200):
        assert process.poll() is None, "slapd has ended"
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("slapd does not answer")
