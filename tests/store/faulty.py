"""An S3 server that is slow, gone, full, lies, cuts and answers nonsense, as a
test asks for it; else a plain one that keeps objects in memory."""

import contextlib
import hashlib
import html
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

BUCKET = "bucket"


class Fault:
    """What is to happen instead of an answer, or to one."""

    def __init__(self, **what):
        # status, code, headers, body: another answer; as text, no XML: html
        self.status = what.pop("status", None)
        self.code = what.pop("code", None)
        self.headers = what.pop("headers", {})
        self.body = what.pop("body", None)
        # bytes of the body after which something happens, and what
        self.cut = what.pop("cut", None)  # closes
        self.reset = what.pop("reset", None)  # resets
        self.stall = what.pop("stall", None)  # sends nothing any more
        self.trickle = what.pop("trickle", None)  # the body comes in such bits, five a second
        # lies
        self.longer = what.pop("longer", 0)  # Content-Length says so much more
        self.range_by = what.pop("range_by", 0)  # Content-Range begins so much later
        self.etag = what.pop("etag", None)
        self.no_length = what.pop("no_length", False)
        self.ignore_range = what.pop("ignore_range", False)
        self.raw = what.pop("raw", None)  # these bytes, and no HTTP at all
        self.lose_answer = what.pop("lose_answer", False)  # does it, and closes
        self.before = what.pop("before", None)  # called first
        assert not what, what


class Request:
    def __init__(self, handler):
        self.method = handler.command
        url = urllib.parse.urlsplit(handler.path)
        self.raw = handler.path
        self.key = urllib.parse.unquote(url.path)[len(BUCKET) + 2:]
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.headers = handler.headers
        self.time = time.monotonic()

    def __repr__(self):
        return f"{self.method} {self.raw} {self.headers.get('Range', '')}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle(self):
        with contextlib.suppress(ConnectionError, ssl.SSLError, TimeoutError):
            super().handle()

    def answer_any(self):
        store = self.server.store
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = Request(self)
        with store.lock:
            store.requests.append(request)
        fault = store.fault(request) or Fault()
        if fault.before:
            fault.before(request)
        if fault.raw is not None:
            self.wfile.write(fault.raw)
            self.close_connection = True
        elif fault.status:
            self.refuse(request, fault)
        else:
            with store.lock:
                status, headers, data = store.do(request, body)
            self.send(request, fault, status, headers, data)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer_any

    def refuse(self, request, fault):
        data = fault.body
        if data is None:
            data = error_body(fault.code) if fault.code else b""
        self.send(request, fault, fault.status, fault.headers, data)

    def send(self, request, fault, status, headers, data):
        headers = {**headers, **fault.headers}
        if fault.lose_answer:
            self.close_connection = True
            return
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        if status == 200 and request.method == "GET" and span and not fault.ignore_range:
            begin, total = int(span[1]), len(data)
            if begin >= total:
                status, data = 416, error_body("InvalidRange")
            else:
                data = data[begin:int(span[2]) + 1 if span[2] else None]
                status = 206
                first = begin + fault.range_by
                headers["Content-Range"] = f"bytes {first}-{first + len(data) - 1}/{total}"
        if fault.etag:
            headers["ETag"] = fault.etag
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and not fault.no_length:
            self.send_header("Content-Length", str(len(data) + fault.longer))
        if fault.no_length:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if request.method != "HEAD":
            self.send_body(fault, data)

    def send_body(self, fault, data):
        if fault.trickle:
            for begin in range(0, len(data), fault.trickle):
                self.wfile.write(data[begin:begin + fault.trickle])
                self.wfile.flush()
                if self.server.store.ended.wait(0.2):
                    break
            return
        stop = next((n for n in (fault.cut, fault.reset, fault.stall) if n is not None), None)
        self.wfile.write(data if stop is None else data[:stop])
        if stop is None and not fault.longer:
            return
        self.wfile.flush()
        self.close_connection = True
        if fault.stall is not None:
            self.server.store.wait()
        if fault.reset is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.connection.close()


def error_body(code):
    return (f'<?xml version="1.0"?><Error><Code>{code}</Code>'
            f"<Message>because of {code}</Message></Error>").encode()


def etag_of(data):
    return f'"{hashlib.md5(data).hexdigest()}"'


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # so many may connect at once


class Faulty:
    """`faults`: a function of a Request that gives a Fault or None."""

    def __init__(self, certificate=None):
        self.objects, self.uploads, self.requests = {}, {}, []
        self.faults = None
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.store = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.endpoint = f"http{'s' if certificate else ''}://localhost:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def wait(self):
        self.ended.wait(120)

    def fault(self, request):
        # the question that a store is opened with
        if "/.spaceport-" in request.raw and not getattr(self, "at_once", False):
            return None
        return self.faults(request) if self.faults else None

    def seen(self, method=None, key=None):
        with self.lock:
            return [r for r in self.requests if method in (None, r.method) and
                    (key is None or r.key == key)]

    # --- what S3 would do: status, headers, body

    def do(self, request, body):
        if "uploads" in request.query or "uploadId" in request.query:
            return self._upload(request, body)
        if "list-type" in request.query:
            return self._list(request.query)
        data = self.objects.get(request.key)
        if request.method == "PUT":
            return self._put(request, body)
        if request.method == "DELETE":
            self.objects.pop(request.key, None)
            return 204, {}, b""
        if data is None:
            return 404, {"Content-Type": "application/xml"}, error_body("NoSuchKey")
        if request.headers.get("If-Match", etag_of(data)) != etag_of(data):
            return 412, {}, error_body("PreconditionFailed")
        return 200, {"ETag": etag_of(data)}, data

    def _list(self, query):
        quote = urllib.parse.quote_plus if query.get("encoding-type") == "url" else html.escape
        found = sorted((k for k in self.objects if k.startswith(query.get("prefix", "")) and
                        k > query.get("start-after", "")), key=str.encode)
        shown = found[:int(query.get("max-keys", 1000))]
        keys = "".join(f"<Contents><Key>{quote(k)}</Key><Size>{len(self.objects[k])}</Size>"
                       "</Contents>" for k in shown)
        return 200, {}, (f"<ListBucketResult>{keys}<EncodingType>{query.get('encoding-type', '')}"
                         f"</EncodingType><IsTruncated>{str(shown != found).lower()}"
                         "</IsTruncated></ListBucketResult>").encode()

    def _put(self, request, body):
        if hashlib.sha256(body).hexdigest() != request.headers.get("x-amz-content-sha256"):
            return 400, {}, error_body("XAmzContentSHA256Mismatch")
        if request.headers.get("If-None-Match") == "*" and request.key in self.objects:
            return 412, {}, error_body("PreconditionFailed")
        self.objects[request.key] = body
        return 200, {"ETag": etag_of(body)}, b""

    def _upload(self, request, body):
        upload = request.query.get("uploadId")
        if "uploads" in request.query:
            upload = f"up/load&{len(self.uploads)}"
            self.uploads[upload] = {}
            text = upload.replace("&", "&amp;")
            return 200, {}, (f'<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/'
                             f'2006-03-01/"><UploadId>{text}</UploadId>'
                             "</InitiateMultipartUploadResult>").encode()
        if upload not in self.uploads:
            return 404, {}, error_body("NoSuchUpload")
        parts = self.uploads[upload]
        if request.method == "PUT":
            parts[int(request.query["partNumber"])] = body
            return 200, {"ETag": etag_of(body)}, b""
        if request.method == "DELETE":
            del self.uploads[upload]
            return 204, {}, b""
        tree = ElementTree.fromstring(body)
        name = tree.tag.replace("CompleteMultipartUpload", "")
        asked = [(int(p.findtext(f"{name}PartNumber")), p.findtext(f"{name}ETag")) for p in tree]
        if asked != [(n, etag_of(parts[n])) for n in sorted(parts)]:
            return 400, {}, error_body("InvalidPart")
        if request.headers.get("If-None-Match") == "*" and request.key in self.objects:
            return 412, {}, error_body("PreconditionFailed")
        self.objects[request.key] = b"".join(parts[n] for n in sorted(parts))
        del self.uploads[upload]
        return 200, {}, b"<CompleteMultipartUploadResult/>"


def certificates(folder):
    """An authority and a certificate of its for localhost, made with openssl:
    (authority, certificate, key)."""
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    cert, key, asked = folder / "cert.pem", folder / "cert.key", folder / "cert.csr"
    extensions = folder / "ext"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="ascii")
    for command in (
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", ca_key, "-out", ca, "-days", "2", "-subj", "/CN=Test authority"],
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", key, "-out", asked, "-subj", "/CN=localhost"],
            ["x509", "-req", "-in", asked, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial",
             "-out", cert, "-days", "2", "-extfile", extensions]):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    return ca, cert, key
