"""A publisher of weights that stalls, cuts, lies about length and sends other bytes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Publisher(ThreadingHTTPServer):
    """Serves a file, as badly as it is told."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.content = content
        self.manner = "well"
        self.asked: list[str | None] = []
        self.over = threading.Event()
        self.go_on = threading.Event()


class Answer(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        manner, ranged, content = self.server.manner, self.headers["Range"], self.server.content
        self.server.asked.append(ranged)
        begin = int(ranged[6:-1]) if ranged and manner != "without ranges" else 0
        if manner == "no answer":
            self.close_connection = True
            return
        if manner == "nowhere":
            self.send_error(404)
            return
        if begin > len(content) or (manner == "not satisfied" and ranged):
            self.send_error(416)
            return
        body = {"other bytes": bytes(len(content)), "endless": content * 9}.get(manner, content)[begin:]
        self.send_response(206 if begin else 200)
        length = {"too long": len(body) + 1000, "too short": len(body) // 2}.get(manner, len(body))
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if manner in ("cut", "stalled", "without ranges") and len(self.server.asked) < 4:
            body = body[: len(body) // 3]
        try:
            if manner == "in two halves":
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                self.server.go_on.wait(60)
                body = body[len(body) // 2 :]
            self.wfile.write(body if manner != "silent" else b"")
            self.wfile.flush()
            if manner == "silent" or (manner == "stalled" and len(self.server.asked) < 4):
                self.server.over.wait(30)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""
