"""Where the server is, by its socket and by TCP."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path


class Server:
    """@param url      By the Unix socket, without a password.
       @param tcp_url  By TCP, with a password, for connecting; None where the server is one of our own throw-away ones
                       (then it has a role for that)."""

    def __init__(self, url, tcp_url):
        parts = urllib.parse.urlsplit(url)
        asked = dict(urllib.parse.parse_qsl(parts.query))
        host, _, port = parts.netloc.rpartition("@")[2].partition(":")
        self.user = urllib.parse.unquote(parts.username or asked.get("user") or os.environ.get("USER", "postgres"))
        self.host = urllib.parse.unquote(host) or asked.get("host", "")
        self.port = port or asked.get("port", "5432")
        self.database = urllib.parse.unquote(parts.path.lstrip("/")) or self.user
        if not self.host.startswith("/"):
            sys.exit(f"{url} names no folder of a Unix socket, which is what the plainest contenders need")
        self.tcp_url = tcp_url
        self.proxy = None

    def by_socket(self):
        return ["--host", self.host, "--port", self.port, "--user", self.user, "--database", self.database]

    def by_tcp(self, sslmode):
        """@returns None where that server has no such door."""
        if not self.tcp_url:
            return None
        parts = urllib.parse.urlsplit(self.tcp_url)
        user = urllib.parse.unquote(parts.username or "")
        # The plainest contenders know numbers only.
        return ["--host", socket.gethostbyname(parts.hostname), "--port", str(parts.port or 5432), "--user", user,
                "--database", urllib.parse.unquote(parts.path.lstrip("/")) or user,
                "--password", urllib.parse.unquote(parts.password or ""), "--sslmode", sslmode]

    def delayed_port(self, program):
        """The port of a proxy that adds a millisecond to each round trip. It ends with us, for its standard input does.
        @returns None where there is no such program."""
        if not self.proxy and program.exists():
            self.proxy = subprocess.Popen([program, f"{self.host}/.s.PGSQL.{self.port}", "1"], text=True,
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.port_of_proxy = self.proxy.stdout.readline().strip()
        return self.port_of_proxy if self.proxy else None

    def sql(self, text):
        psql = shutil.which("psql")
        command = [psql, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.host, "-p", self.port, "-U",
                   self.user, "-d", self.database]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.strip()

    def open_tcp(self):
        """A throw-away server of the tests: it listens on 127.0.0.1 already and has a role with a SCRAM password; what
        it lacks is a certificate. @returns An error, or nothing."""
        if not shutil.which("psql") or not shutil.which("openssl"):
            return "psql and openssl are needed to set up a door by TCP"
        self.tcp_url = f"postgresql://u_scram:p@127.0.0.1:{self.port}/{self.database}"
        data = Path(self.sql("SHOW data_directory"))
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = Path(folder, "bench.key"), Path(folder, "bench.crt")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
                           check=True, capture_output=True)
            owner = data.stat()
            for made in (key, certificate):
                shutil.copy(made, data / made.name)
                os.chmod(data / made.name, 0o600)
                if os.geteuid() == 0:
                    os.chown(data / made.name, owner.st_uid, owner.st_gid)
        self.sql("ALTER SYSTEM SET ssl = on;\nALTER SYSTEM SET ssl_cert_file = 'bench.crt';\n"
                 "ALTER SYSTEM SET ssl_key_file = 'bench.key';\nSELECT pg_reload_conf();")
        return ""
