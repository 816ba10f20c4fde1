"""What deploy/ writes for a server: systemd and nginx take it, and nginx says what it has to."""

import http.client
import http.server
import re
import runpy
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import get_commands

from bench.processes import ROOT, free_port
from tests.nginx_server import (
    DEPLOY,
    make_certificate,
    nginx_with,
    rendered_site,
    started_nginx,
)

PAGES = sorted((DEPLOY / "nginx" / "pages").glob("*.html"))
TEMPLATES = [*(DEPLOY / "systemd").iterdir(), *(DEPLOY / "nginx").glob("*.conf")]
HOST = "kpi.city.test"
TOO_LARGE = bytes(2 * 1024 * 1024)
# The longer one is more than nginx takes without hashes.conf.
HOSTS = {"nemuro": "kpi.nemuro.test", "ne-muro": f"kpi.{'ne-muro' * 6}.test"}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    """A city that has the machine for itself."""
    return rendered_site(tmp_path_factory.mktemp("server"), HOST)


@pytest.fixture(scope="module")
def cities(tmp_path_factory) -> dict[str, Path]:
    """Two cities on one machine, whose names become the same without the hyphen."""
    homes = tmp_path_factory.mktemp("cities")
    return {
        name: rendered_site(
            homes / name,
            host,
            INSTANCE=f"nemuro-strategy-{name}",
            BIND=f"unix:{homes}/{name}/socket",
            WORKERS=1,
        )
        for name, host in HOSTS.items()
    }


def lines_of(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.+)$", unit.read_text(), re.M)


def test_units_of_two_cities_share_no_name_folder_or_socket(rendered, cities):
    homes = [rendered, *cities.values()]
    names = [file.name for home in homes for file in (home / "out").glob("nemuro-*")]
    assert len(names) == len(set(names)) == 3 * 8
    webs = [home / "out" / f"nemuro-strategy-{name}.service" for name, home in cities.items()]
    webs.append(rendered / "out" / "nemuro-strategy.service")
    for key in ("RuntimeDirectory", "Environment", "WorkingDirectory"):
        of_each = [lines_of(web, key)[:2] for web in webs]
        assert len({tuple(lines) for lines in of_each}) == 3
    assert "WEB_BIND=127.0.0.1:8000" in lines_of(webs[-1], "Environment")
    assert "WEB_CONCURRENCY" not in webs[-1].read_text()
    for name, home in cities.items():
        for timer in (home / "out").glob("*.timer"):
            (unit,) = lines_of(timer, "Unit")
            assert re.fullmatch(rf"nemuro-strategy-{name}(-backup|@[a-z_]+)\.service", unit)


def test_the_timers_of_many_cities_do_not_begin_at_once():
    for timer in (DEPLOY / "systemd").glob("*.timer"):
        (delay,) = lines_of(timer, "RandomizedDelaySec")
        assert delay == ("10min" if "reminders" in timer.name else delay)
        assert lines_of(timer, "FixedRandomDelay") == ["yes"]


@pytest.mark.slow
def test_systemd_takes_the_units(rendered, cities):
    if shutil.which("systemd-analyze") is None:
        install("systemd")
    # Templates need an instance: the timers have them read.
    homes = [rendered, *cities.values()]
    units = [file for home in homes for file in (home / "out").glob("*.timer")]
    units += [file for home in homes for file in (home / "out").glob("*[!@].service")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True
    )
    assert (done.returncode, re.findall(r".*nemuro-strategy.*", done.stderr)) == (0, [])


def test_nothing_runs_without_the_share_that_files_lie_on(tmp_path):
    given = ["HOST=h", "DATA_DIR=/data", "BACKUPS=/backups", "BODY_MEGABYTES=1"]
    for name, share in (("own", "FILES_DIR="), ("shared", "FILES_DIR=/data/share")):
        subprocess.run([DEPLOY / "render.sh", tmp_path / name, *given, share], check=True)
        units = [file.read_text() for file in (tmp_path / name).glob("*.service")]
        folder = share.partition("=")[2] or "/data"
        assert len(units) == 3
        for unit in units:
            assert f"\nRequiresMountsFor={folder}\n" in unit
            assert f"\nReadWritePaths=/data {folder}" in unit


def install(package: str) -> None:
    subprocess.run([settings.BASE_DIR / "tests" / "install_programs.sh", package], check=True)


LONG = "あ" * 880
"""The longest search that nginx lets through."""


class Program(http.server.BaseHTTPRequestHandler):
    """Stands for gunicorn: answers with the headers that it got, or redirects."""

    def do_GET(self) -> None:
        if self.path.startswith("/redirect/"):
            self.send_response(302)
            self.send_header("Location", f"/login/?next={quote(quote(LONG))}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        names = ("Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Request-ID")
        body = "\n".join(f"{name}={self.headers[name]}" for name in names).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def proxy(rendered) -> Iterator[tuple[int, int]]:
    """nginx with the site of a city alone: the port of TLS, and that of the program."""
    program = free_port()
    with started_nginx(rendered, HOST, program) as port:
        yield port, program


@pytest.mark.slow
def test_one_nginx_tells_two_cities_apart_and_refuses_other_names(cities, tmp_path):
    """One of them runs, the other one is stopped."""
    for name, home in cities.items():
        make_certificate(home, HOSTS[name])
    sites = [(home / "out" / "site.conf").read_text() for home in cities.values()]
    sites.append((cities["nemuro"] / "out" / "others.conf").read_text())
    sites.append((DEPLOY / "nginx" / "hashes.conf").read_text())
    program = socketserver.UnixStreamServer(str(cities["nemuro"] / "socket"), Program)
    threading.Thread(target=program.serve_forever, daemon=True).start()
    try:
        with nginx_with(tmp_path, "\n".join(sites)) as port:
            seen = {name: by_name(port, host) for name, host in HOSTS.items()}
            with pytest.raises(ssl.SSLError):
                by_name(port, "kpi.elsewhere.test")
    finally:
        program.shutdown()
        program.server_close()
    certificates = {
        name: (home / "settings" / "tls" / "server.crt").read_text()
        for name, home in cities.items()
    }
    assert seen["nemuro"][:2] == (200, certificates["nemuro"])
    assert f"Host={HOSTS['nemuro']}\n" in seen["nemuro"][2]
    assert seen["ne-muro"][:2] == (502, certificates["ne-muro"])
    assert "ただいま利用できません" in seen["ne-muro"][2]


def by_name(port: int, host: str) -> tuple[int, str, str]:
    """Return status, certificate (PEM) and text of the first page of a host."""
    trusting = ssl._create_unverified_context()  # noqa: S323  (a certificate made for the test)
    reached = socket.create_connection(("127.0.0.1", port))
    with trusting.wrap_socket(reached, server_hostname=host) as connection:
        certificate = ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True))
        client = http.client.HTTPConnection(host)
        client.sock = connection
        client.request("GET", "/")
        response = client.getresponse()
        return response.status, certificate, response.read().decode()


def ask(port: int, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    """Return status and text of an answer through nginx, as a browser gets it."""
    trusting = ssl._create_unverified_context()  # noqa: S323  (a certificate made for the test)
    with closing(http.client.HTTPSConnection("127.0.0.1", port, context=trusting)) as connection:
        connection.request("POST" if body else "GET", path, body, {"Host": HOST, **headers})
        response = connection.getresponse()
        assert response.headers["Content-Type"] != "text/html"  # without its encoding
        return response.status, response.read().decode()


def by_curl(port: int, path: str, *options: str, version: str = "2") -> tuple[int, str]:
    """Return status and text of an answer to the site's name, by the version of HTTP."""
    subprocess.run([ROOT / "tests" / "install_programs.sh", "curl"], check=True)
    given = ["--silent", "--insecure", f"--http{version}", "--resolve", f"{HOST}:{port}:127.0.0.1"]
    said = ["--write-out", "\n%{http_version} %{http_code}", f"https://{HOST}:{port}{path}"]
    got = subprocess.run(["curl", *given, *options, *said], capture_output=True, text=True)
    page, _, end = got.stdout.rpartition("\n")
    assert end.split()[0] == version
    return int(end.split()[1]), page


@pytest.mark.slow
def test_nginx_passes_on_what_the_program_needs(proxy):
    port, program = proxy
    server = http.server.HTTPServer(("127.0.0.1", program), Program)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        _, text = ask(port, "/kpis/", **{"X-Forwarded-For": "203.0.113.9"})
        assert by_curl(port, f"/redirect/?q={quote(LONG)}")[0] == 302
    finally:
        server.shutdown()
        server.server_close()
    got = dict(line.split("=", 1) for line in text.splitlines())
    assert re.fullmatch("[0-9a-f]{32}", got.pop("X-Request-ID"))
    assert got == {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}


@pytest.mark.slow
def test_nginx_speaks_japanese_where_the_program_does_not_answer(proxy, tmp_path):
    port, _ = proxy
    status, text = ask(port, "/kpis/")
    assert (status, "ただいま利用できません" in text) == (502, True)
    status, text = ask(port, "/kpis/", TOO_LARGE)
    assert (status, "ファイルが大きすぎます" in text) == (413, True)
    file = tmp_path / "large.xlsx"
    file.write_bytes(TOO_LARGE)
    status, text = by_curl(port, "/kpis/", "--form", f"files=@{file}")
    assert (status, "ファイルが大きすぎます" in text) == (413, True)
    status, text = ask(port, "/nginx-pages/page.css")
    assert (status, "font-size" in text) == (200, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "expected"),
    [(["/%2e%2e/x", "--path-as-is"], 400), (["/", "--request", "TRACE"], 405),
     (["/nginx-pages/"], 403), (["/nginx-pages/none"], 404)],
)  # fmt: skip
def test_nginx_speaks_japanese_where_it_refuses_a_request_itself(proxy, options, expected):
    port, _ = proxy
    path, *others = options
    status, text = by_curl(port, path, *others)
    assert (status, "この画面は開けません" in text) == (expected, True)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1.1", "2"])
@pytest.mark.parametrize("size", [8_100, 40_000])
def test_nginx_speaks_japanese_where_a_request_is_too_long(proxy, version, size):
    port, _ = proxy
    status, text = by_curl(port, f"/kpis/?q={'x' * size}", version=version)
    assert (status, "アドレスが長すぎます" in text) == (414, True)
    status, text = by_curl(port, "/kpis/", "--header", f"Cookie: a={'x' * size}", version=version)
    assert (status, "情報が多すぎます" in text) == (431, True)


@pytest.mark.slow
def test_nginx_speaks_japanese_where_headers_do_not_fit_into_its_buffers(proxy):
    port, _ = proxy
    status, text = by_curl(port, "/kpis/", "--header", f"X-Large: {'x' * 70_000}", version="1.1")
    assert (status, "情報が多すぎます" in text) == (431, True)
    status, text = by_curl(port, f"/{'x' * 70_000}", version="1.1")
    assert (status, "アドレスが長すぎます" in text) == (414, True)


def test_gunicorn_takes_what_nginx_lets_through():
    """Else it answers in English."""
    longest = max(
        map(int, re.findall(r"\.\{(\d+)\}", (DEPLOY / "nginx" / "site.conf").read_text()))
    )
    taken = runpy.run_path(str(DEPLOY / "gunicorn_settings.py"))["limit_request_line"]
    assert longest + len("OPTIONS  HTTP/1.1") < taken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_of_nginx_needs_nothing_of_the_program(page):
    html = page.read_text(encoding="utf-8")
    assert '<html lang="ja">' in html
    assert re.findall(r'(?:src|href)="([^"]+)"', html) == ["/nginx-pages/page.css"]
    assert page.name in (DEPLOY / "nginx" / "site.conf").read_text()


def test_every_value_that_the_templates_want_is_named_by_render():
    said = (DEPLOY / "render.sh").read_text()
    named = set(re.findall(r"\b[A-Z_]{4,}\b", said))
    wanted = {name for file in TEMPLATES for name in re.findall(r"@([A-Z_]+)@", file.read_text())}
    assert wanted <= named


def test_every_timer_starts_a_command_that_there_is():
    started = {
        re.search(r"Unit=@INSTANCE@(.+)\.service", file.read_text())[1]
        for file in (DEPLOY / "systemd").glob("*.timer")
    }
    commands = {name.removeprefix("@") for name in started if "@" in name}
    assert {"send_reminders", "clearsessions", "check_evidence", "delete_old_events"} == commands
    assert commands <= set(get_commands())
    backup = (DEPLOY / "systemd" / "nemuro-strategy-backup.service").read_text()
    assert re.search(r"manage\.py (\w+)", backup)[1] in get_commands()


def test_the_scripts_are_sound():
    for script in DEPLOY.glob("*.sh"):
        subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host"], "--host には値を指定してください。"),
        (["--city", "Nemuro"], "--city には、英小文字で始まる20字までの名前"),
        (["--city", "nemuro-backup"], "定期の処理の名前と重なるため使えません。"),
        (["--every-city", "--sqlite"], "--every-city と一緒に指定できるのは、"),
        (["--plan"], "「--plan」というオプションはありません。"),
    ],
)
def test_the_installation_refuses_options_in_japanese_before_it_changes_anything(options, said):
    done = subprocess.run([DEPLOY / "install.sh", *options], capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stderr
