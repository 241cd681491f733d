"""A model on 127.0.0.1 that speaks OpenAI's chat completions, as a script has it.

    with JudgeServer(lambda asked: "Verdict: A") as server:
        subprocess.run([..., "--endpoint", server.url])
        assert "moon" in server.asked[0]

A script returns the text of an answer, or the status that is sent in its place, or all that is sent, as bytes;
`server.heard` has whole requests.
"""

import contextlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[str], str | int | bytes]


class JudgeServer:
    """Serves while it is entered."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.heard: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.refusal: dict[str, Any] = {"message": "no"}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> "JudgeServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def asked(self) -> list[str]:
        """What was asked, in the order in which it came."""
        return [request["messages"][-1]["content"] for request in self.heard]


def _handler(server: JudgeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.keys.append(self.headers.get("Authorization", ""))
            server.heard.append(request)
            said = 404 if self.path != "/v1/chat/completions" else server.script(request["messages"][-1]["content"])
            if isinstance(said, int):
                self._send(said, {"error": server.refusal})
                return
            if isinstance(said, bytes):
                self._send_body(200, said)
                return
            message = {"role": "assistant", "content": said}
            choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            content = {"id": "1", "object": "chat.completion", "created": 0, "model": request["model"]}
            self._send(200, {**content, "choices": choices, "usage": usage})

        def _send(self, status: int, content: dict[str, Any]) -> None:
            self._send_body(status, json.dumps(content).encode())

        def _send_body(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("retry-after-ms", "5")  # a client need not wait long for a server of a test
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # who asked may have been stopped
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
