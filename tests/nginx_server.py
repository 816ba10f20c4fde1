"""nginx with the sites of deploy/, on free ports of this machine."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import ROOT, free_port

DEPLOY = ROOT / "deploy"
CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -noenc -keyout server.key -out server.crt -subj"


def rendered_site(home: Path, host: str, body_megabytes: int = 1, **values: object) -> Path:
    """Return `home` with what render.sh writes into `out`, and the program that it speaks of."""
    programs = home / "program" / "current" / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to("/bin/true")
    (home / "program" / "current" / "deploy").symlink_to(DEPLOY)
    for folder in ("settings/tls", "settings/nginx", "program/current/docs/manual/operation"):
        (home / folder).mkdir(parents=True)
    values = {
        "HOST": host,
        "DATA_DIR": home / "data",
        "BACKUPS": home / "backups",
        "BODY_MEGABYTES": body_megabytes,
        "USER": "root",
        "PROGRAM": home / "program",
        "SETTINGS": home / "settings",
        "IPV6": "no",
        **values,
    }
    given = [f"{name}={value}" for name, value in values.items()]
    subprocess.run([DEPLOY / "render.sh", home / "out", *given], check=True)
    return home


def make_certificate(home: Path, host: str) -> None:
    make = [*CERTIFICATE.split(), f"/CN={host}"]
    subprocess.run(make, cwd=home / "settings" / "tls", check=True, capture_output=True)


@contextmanager
def started_nginx(home: Path, host: str, program: int) -> Iterator[int]:
    """Run nginx with the rendered site for a program on that port; yield the port of TLS."""
    make_certificate(home, host)
    site = (home / "out" / "site.conf").read_text()
    with nginx_with(home, site.replace("127.0.0.1:8000", f"127.0.0.1:{program}")) as port:
        yield port


@contextmanager
def nginx_with(home: Path, sites: str) -> Iterator[int]:
    """Run nginx with these sites on free ports; yield the port of TLS."""
    subprocess.run([ROOT / "tests" / "install_programs.sh", "nginx-light"], check=True)
    port = free_port()
    command = ["nginx", "-c", str(_settings_file(home, sites, port))]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    if checked.returncode or "warn" in checked.stderr:
        raise RuntimeError(checked.stderr)
    nginx = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        nginx.terminate()
        nginx.wait()


def _settings_file(home: Path, sites: str, https_port: int) -> Path:
    for port, ours in (("80", free_port()), ("443", https_port)):
        sites = re.sub(rf"listen {port}\b", f"listen 127.0.0.1:{ours}", sites)
    sites = sites.replace("/var/log/nginx", str(home))
    paths = " ".join(
        f"{name}_temp_path {home}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = home / "nginx.conf"
    file.write_text(
        f"user root; daemon off; pid {home}/nginx.pid; error_log {home}/error.log;\n"
        f"events {{}}\nhttp {{ include /etc/nginx/mime.types; {paths}\n{sites}\n}}\n"
    )
    return file


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
