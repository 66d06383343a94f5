"""A cable between a browser and a site that can be pulled: TLS in front of a port, as a hoster's proxy is."""

import asyncio
import contextlib
import datetime
import ssl
import threading
from collections.abc import Coroutine
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone


def make_certificate(folder: Path) -> Path:
    """A certificate of a day for localhost, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = timezone.now()
    until = now + datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, until)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "localhost.pem"
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path


class Cable:
    """Carries bytes to a port and back. `pull` drops what goes over it and takes nothing on; `plug` takes on again."""

    def __init__(self, certificate: Path, to_port: int) -> None:
        self.to_port, self.is_in = to_port, True
        self.ends: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server = self._wait(asyncio.start_server(self._carry, "127.0.0.1", 0, ssl=context))
        self.port: int = self.server.sockets[0].getsockname()[1]

    def pull(self) -> None:
        self.is_in = False
        self._wait(self._drop())

    def plug(self) -> None:
        self.is_in = True

    def close(self) -> None:
        self.server.close()
        self.pull()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=10)
        self.loop.close()

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=10)

    async def _drop(self) -> None:
        for end in self.ends:
            end.transport.abort()
        await asyncio.sleep(0.1)  # until both pumps noticed

    async def _carry(self, from_browser: asyncio.StreamReader, to_browser: asyncio.StreamWriter) -> None:
        if not self.is_in:
            return to_browser.transport.abort()
        from_site, to_site = await asyncio.open_connection("127.0.0.1", self.to_port)
        mine = {to_browser, to_site}
        self.ends |= mine
        await asyncio.gather(self._pump(from_browser, to_site), self._pump(from_site, to_browser))
        self.ends -= mine
        return None

    async def _pump(self, start: asyncio.StreamReader, end: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await start.read(65536):
                end.write(part)
                await end.drain()
        end.close()
