"""A network that breaks on demand: forwards connections to a PostgreSQL
server's Unix socket, or to a TCP port, and stops or cuts them after so many bytes."""

import os
import select
import socket
import threading

SOCKET = ".s.PGSQL.5432"
PART = 65536


class Proxy:
    """Listens on 127.0.0.1. `after`: bytes from the server (of all
    connections) until `then` happens:

    stall   nothing is forwarded any more, in either direction
    cut     both sides are closed
    reset   the client's side is reset
    hold    as stall, until release()

    `after` None: never. `host`: the folder of PostgreSQL's socket, or the number
    of a port of this machine. `answers` instead of a host: a function(socket)
    that plays the server."""

    def __init__(self, host=None, after=None, then="stall", answers=None):
        self.host, self.after, self.then, self.answers = host, after, then, answers
        self.sent = 0
        self.reached = threading.Event()  # `after` bytes have passed
        self.connected = threading.Event()
        self._released = threading.Event()
        self._stop_read, self._stop_write = os.pipe()
        self._threads, self._clients = [], []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    def dsn(self, db):
        return f"host=127.0.0.1 port={self.port} dbname={db.dbname} user={db.user}"

    def release(self):
        """Ends a hold: all is forwarded from now on."""
        self.after = None
        self._released.set()

    def cut(self):
        """Ends the connections that there are; others may come."""
        for client in list(self._clients):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended

    def close(self):
        self._released.set()
        os.write(self._stop_write, b"x")
        for thread in self._threads:
            thread.join()
        self._listener.close()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _wait(self, *sockets):
        """Those that can be read; None: it's over."""
        ready = select.select([self._stop_read, *sockets], [], [])[0]
        return None if self._stop_read in ready else ready

    def _accept(self):
        while self._wait(self._listener):
            client, _ = self._listener.accept()
            self.connected.set()
            self._clients.append(client)
            self._start(self._play if self.answers else self._forward, client)

    def _play(self, client):
        with client:
            try:
                self.answers(client)
                while self._wait(client) and client.recv(PART):
                    pass
            except OSError:
                pass  # it hung up

    def _forward(self, client):
        with client:
            if self.after == 0:
                self._happen(client)
                return
            to_port = isinstance(self.host, int)
            with socket.socket(socket.AF_INET if to_port else socket.AF_UNIX) as server:
                try:
                    server.connect(("127.0.0.1", self.host) if to_port else
                                   f"{self.host}/{SOCKET}")
                    self._pump(client, server)
                except OSError:
                    pass  # one side is gone: so is the other now

    def _pump(self, client, server):
        while ready := self._wait(client, server):
            for side in ready:
                data = side.recv(self._room() if side is server else PART)
                if not data:
                    return
                (client if side is server else server).sendall(data)
                if side is server:
                    self.sent += len(data)
                    if self.after is not None and self.sent >= self.after:
                        if not self._happen(client):
                            return

    def _room(self):
        return PART if self.after is None else max(1, min(PART, self.after - self.sent))

    def _happen(self, client):
        """True where forwarding goes on."""
        self.reached.set()
        if self.then == "hold":
            self._released.wait()
            return True
        if self.then == "stall":
            self._wait()
        elif self.then == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return False


def refuse(message, state="28000"):
    """A server that answers each start-up with a fatal error."""
    def answer(client):
        data = client.recv(PART)
        while data[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # SSL, GSS: not here
            client.sendall(b"N")
            data = client.recv(PART)
        fields = (b"SFATAL\0VFATAL\0C" + state.encode() + b"\0M"
                  + message.encode("utf-8", "surrogateescape") + b"\0\0")
        client.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
        client.shutdown(socket.SHUT_WR)
    return answer
