"""A small Hugging Face Hub on 127.0.0.1: it serves folders as repositories, fails on request and logs what it is asked.

    with HubServer({"acme/tiny": folder}, datasets={"acme/rows": other}) as hub:
        subprocess.run([...], env=hub.environment(cache))
        assert hub.downloaded("acme/tiny") == ["config.json"]

huggingface_hub reads HF_ENDPOINT and HF_HOME when it is imported, so clients run in a process of their own.
Files that end in .safetensors or .parquet are "large": like on the real Hub they are known by their SHA-256
and served, after a redirect, by a second address that must never see a token.
"""

import hashlib
import json
import os
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".parquet")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    range: str
    with_token: bool
    from_storage: bool


@dataclass
class Repo:
    """A folder served as a repository, and what is wrong with it."""

    folder: Path
    gated: bool = False
    private: bool = False
    disabled: bool = False
    cut: dict[str, int] = field(default_factory=dict)  # file: bytes sent before the connection closes, once
    down: set[str] = field(default_factory=set)  # files answered with 503
    down_after_cut: bool = False
    shortened: dict[str, int] = field(default_factory=dict)  # file: length that is claimed and sent
    claimed: dict[str, int] = field(default_factory=dict)  # file: size that listings claim
    ghosts: set[str] = field(default_factory=set)  # names that are listed and not there
    damaged: set[str] = field(default_factory=set)  # files sent with another content of the same size
    branches: dict[str, "Repo"] = field(default_factory=dict)  # other revisions than main

    def files(self) -> dict[str, Path]:
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path for path in paths}

    def commit(self) -> str:
        told = [f"{name} {path.stat().st_size} {path.stat().st_mtime_ns}" for name, path in self.files().items()]
        return hashlib.sha1("\n".join(told).encode()).hexdigest()

    def at(self, revision: str) -> "Repo | None":
        """What a branch or a commit holds; None for one that is not there."""
        named = {"main": self, **self.branches}
        return named.get(revision) or next((repo for repo in named.values() if repo.commit() == revision), None)

    def interrupt(self, file: str, *, after: int, then_down: bool = True) -> None:
        """Close the next download of `file` after that many bytes; with `then_down` answer 503 until `mend()`."""
        self.cut[file] = after
        self.down_after_cut = then_down

    def mend(self) -> None:
        self.cut.clear()
        self.down.clear()
        self.shortened.clear()
        self.damaged.clear()


class HubServer:
    """Serves while it is entered; `repos` maps ids to what they serve, data sets as `datasets/ID`."""

    def __init__(self, models: dict[str, Path] | None = None, datasets: dict[str, Path] | None = None) -> None:
        self.repos = {name: Repo(folder) for name, folder in (models or {}).items()}
        self.repos |= {f"datasets/{name}": Repo(folder) for name, folder in (datasets or {}).items()}
        self.requests: list[Request] = []
        self.bad_tokens: set[str] = set()
        self._servers = [_server(self, from_storage=False), _server(self, from_storage=True)]
        self.endpoint, self.storage = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)

    def __enter__(self) -> "HubServer":
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """The environment of a client whose cache is under `home` and that knows no token but one given."""
        dropped = ("HF_", "HUGGING", "TRANSFORMERS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        kept = {key: value for key, value in os.environ.items() if not key.upper().startswith(dropped)}
        return {**kept, "HF_ENDPOINT": self.endpoint, "HF_HOME": str(home), "NO_PROXY": "127.0.0.1", **more}

    def downloaded(self, repo: str) -> list[str]:
        """The files of `repo` whose content was asked for, each once, in alphabetical order."""
        start = f"/{repo}/resolve/"
        paths = [asked.path for asked in self.requests if asked.method == "GET" and asked.path.startswith(start)]
        return sorted({path.removeprefix(start).partition("/")[2] for path in paths})

    def ranges(self) -> list[str]:
        """The Range headers that the storage was asked with, in order; empty for a whole file."""
        return [asked.range for asked in self.requests if asked.from_storage and asked.method == "GET"]


def _server(hub: HubServer, *, from_storage: bool) -> ThreadingHTTPServer:
    class Handler(_Handler):
        pass

    Handler.hub, Handler.from_storage = hub, from_storage
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    from_storage: bool
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        raw = urlsplit(self.path).path
        path = unquote(raw)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.hub.requests.append(
            Request(self.command, path, self.headers.get("Range", ""), bool(token), self.from_storage)
        )
        if token in self.hub.bad_tokens and not self.from_storage:
            self._refuse(401, "", "Invalid credentials in Authorization header")
        elif "/resolve/" in path:
            name, _, rest = raw[1:].partition("/resolve/")
            self._file(self.hub.repos.get(name), name, *map(unquote, rest.split("/", 1)))
        elif path.startswith("/api/"):
            self._api(raw.removeprefix("/api/").removeprefix("models/"))
        else:
            self._refuse(404, "", "not found")

    def _api(self, path: str) -> None:
        name = "/".join(path.split("/")[: 3 if path.startswith("datasets/") else 2])
        repo = self.hub.repos.get(name)
        if not self._open(repo):
            return
        call, revision, folder, *_ = [*map(unquote, path.removeprefix(name).strip("/").split("/", 2)), "", "", ""]
        repo = repo.at(revision or "main")
        if repo is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif call == "tree" and folder and not (repo.folder / folder).is_dir():
            self._refuse(404, "EntryNotFound", f"{folder} does not exist")
        elif call == "tree":
            ghosts = [{"type": "file", "path": file, "size": 1, "oid": "0" * 40} for file in sorted(repo.ghosts)]
            files = {file: path for file, path in repo.files().items() if file.startswith(f"{folder}/" * bool(folder))}
            self._answer([*(_tree_entry(repo, file, path) for file, path in files.items()), *ghosts])
        else:
            commit = repo.commit()
            siblings = [_sibling(repo, file, path) for file, path in repo.files().items()]
            siblings += [{"rfilename": file, "size": 1, "blobId": "0" * 40} for file in sorted(repo.ghosts)]
            gated = "manual" if repo.gated else False
            self._answer({"id": name.removeprefix("datasets/"), "sha": commit, "gated": gated, "siblings": siblings})

    def _open(self, repo: Repo | None) -> bool:
        """Whether the repository may be seen; otherwise it is refused as the Hub does."""
        if repo is None or repo.private:
            self._refuse(401, "RepoNotFound", "Repository not found")
        elif repo.disabled:
            self._refuse(403, "", "Access to this resource is disabled.")
        else:
            return True
        return False

    def _file(self, repo: Repo | None, name: str, revision: str, file: str) -> None:
        if not self._open(repo):
            return
        is_gated, repo = repo.gated, repo.at(revision)
        if is_gated:
            self._refuse(403, "GatedRepo", "Access to this model is restricted")
            return
        if repo is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        path, commit = repo.files().get(file), repo.commit()
        if path is None:
            self._refuse(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit})
        elif file in repo.down:
            self._refuse(503, "", "")
        elif file.endswith(LARGE) and not self.from_storage:
            size = repo.claimed.get(file, path.stat().st_size)
            known = {"X-Repo-Commit": commit, "X-Linked-Etag": f'"{_sha256(path)}"', "X-Linked-Size": str(size)}
            self._answer("", 302, {**known, "Location": f"{self.hub.storage}/{name}/resolve/{revision}/{file}"})
        else:
            etag = _sha256(path) if file.endswith(LARGE) else _git_hash(path)
            self._send(repo, file, path.read_bytes(), {"X-Repo-Commit": commit, "ETag": f'"{etag}"'})

    def _send(self, repo: Repo, file: str, content: bytes, headers: dict[str, str]) -> None:
        """The content, from where Range says, with the accidents that were asked for."""
        size = len(content)
        if file in repo.damaged:
            content = bytes(size)
        content = content[: repo.shortened.get(file, size)]
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        headers = {**headers, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{size - 1}/{size}"
        body = content[begin:]
        self._head(206 if begin else 200, len(body), headers)
        if self.command == "HEAD":
            return
        stop = repo.cut.pop(file, None)
        if stop is None:
            self.wfile.write(body)
            return
        if repo.down_after_cut:
            repo.down.add(file)
        self.wfile.write(body[:stop])
        self.close_connection = True

    def _refuse(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        said = {"X-Error-Code": code, "X-Error-Message": message, **(headers or {})}
        self._answer({"error": message}, status, {key: value for key, value in said.items() if value})

    def _answer(self, document: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self._head(status, len(body), {"Content-Type": "application/json", **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(key, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """The log is `HubServer.requests`."""


def _sibling(repo: Repo, file: str, path: Path) -> dict[str, Any]:
    size = repo.claimed.get(file, path.stat().st_size)
    found: dict[str, Any] = {"rfilename": file, "size": size, "blobId": _git_hash(path)}
    if file.endswith(LARGE):
        found["lfs"] = {"size": size, "sha256": _sha256(path), "pointerSize": 135}
    return found


def _tree_entry(repo: Repo, file: str, path: Path) -> dict[str, Any]:
    size = repo.claimed.get(file, path.stat().st_size)
    found: dict[str, Any] = {"type": "file", "path": file, "size": size, "oid": _git_hash(path)}
    if file.endswith(LARGE):
        found["lfs"] = {"oid": _sha256(path), "size": size, "pointerSize": 135}
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _git_hash(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
