#!/usr/bin/env python3
"""Real OAuth clients and a real browser against a running parleyd: run.py [--fetch] PARLEYD PARLEY FOLDER

Starts the service with a private database in a temporary folder, loads world.json, and runs each client whose tools this machine has; the
others are passed over with a notice. FOLDER has what was fetched for node and Go, by --fetch only, and takes the browser's screenshots. A
client prints one line for each thing that it checked, "ok ..." or "FAIL ..."; the last line here is the sum. Only the standard library is
needed.
"""

import html.parser
import http.client
import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = {"login": "ada@clients.example", "password": "password-of-ada"}


class Fields(html.parser.HTMLParser):
    """The action and the fields of a page's form; of a choice, its options."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.choices, self._choice = None, {}, {}, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.action = given["action"]
        elif tag == "input" and "name" in given:
            self.fields[given["name"]] = given.get("value") or ""
        elif tag == "select":
            self._choice = given["name"]
            self.choices[self._choice] = []
        elif tag == "option":
            self.choices[self._choice].append(given["value"])


class Browser:
    """Enough of a browser to sign in and consent: cookies, forms, redirects within the service."""

    def __init__(self, base):
        self.origin = base
        self.host = urllib.parse.urlsplit(base).netloc
        self.cookies = {}

    def ask(self, method, target, form=None):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        fields = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            fields.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin})
        connection.request(method, target, body, fields)
        answer = connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, answer.headers.get("Location"), page

    def consent(self, url, team):
        """Follows an application's link as a person who agrees would: the address that it leads back to."""
        target = url.removeprefix(self.origin)
        for _ in range(10):
            status, location, page = self.ask("GET", target)
            while status == 200:
                form = Fields(page)
                if "login" in form.fields:
                    form.fields.update(PASSWORD)
                else:
                    form.fields["allow"] = "Authorize"
                    if "team_slug" in form.choices:
                        assert team in form.choices["team_slug"], form.choices
                        form.fields["team_slug"] = team
                status, location, page = self.ask("POST", form.action, form.fields)
            if location is None:
                raise RuntimeError(f"{status}: {page}")
            if not location.startswith("/"):
                return location
            target = location
        raise RuntimeError("round and round")


def serve_browser(base):
    """POST /consent with the link as the body, ?team=: the address that it leads back to. For clients that have no browser."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            url = self.rfile.read(int(self.headers["Content-Length"])).decode()
            team = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("team", ["red"])[0]
            try:
                status, text = 200, Browser(base).consent(url, team)
            except Exception as error:  # The client shows it.
                status, text = 500, repr(error)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def start(parleyd, folder, flags=("--rate-limit-credentials", "10000/5m")):
    """The service, and where it is."""
    process = subprocess.Popen(
        [parleyd, "serve", "--data-dir", folder, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", *flags],
        stdout=subprocess.PIPE, stderr=open(os.path.join(folder, "..", "parleyd.log"), "w"), text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line and process.poll() is not None:
            break
        if "listening on " in line:
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return process, "http://" + line.split("listening on ")[1].split()[0].removeprefix("http://")
    process.kill()
    raise SystemExit("parleyd did not start: " + open(os.path.join(folder, "..", "parleyd.log")).read()[-2000:])


def has_authlib():
    return subprocess.run(["/usr/bin/python3", "-c", "import authlib, requests"], capture_output=True).returncode == 0


def fetch_node(folder, may_fetch):
    """Whether the packages of package-lock.json are there, or can be had."""
    if not shutil.which("node"):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    wanted, there = HERE / "package-lock.json", folder / "package-lock.json"
    is_fetched = there.exists() and there.read_bytes() == wanted.read_bytes() and (folder / "node_modules/.package-lock.json").exists()
    for name in ["package.json", "package-lock.json", "openid_client.mjs", "browser.mjs"]:
        shutil.copy(HERE / name, folder / name)  # Modules are looked up beside the script.
    if is_fetched:
        return True
    if not may_fetch or not shutil.which("npm"):
        return False
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=60000"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=300).returncode == 0


def build_go(folder, may_fetch):
    """Whether the Go client can be built: its module is there, or can be had."""
    if not shutil.which("go"):
        return False
    command = ["go", "build", "-o", str(folder / "go_client"), "."]
    environment = os.environ if may_fetch else {**os.environ, "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    return subprocess.run(command, cwd=HERE / "go", env=environment, capture_output=True, timeout=300).returncode == 0


def commands(folder, may_fetch):
    """Each client: its name, its command or None, why not."""
    node = folder / "node"
    has_node = fetch_node(node, may_fetch)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    yield "authlib", has_authlib() and ["/usr/bin/python3", str(HERE / "authlib_client.py")], "python3-authlib and python3-requests are not there"
    yield "openid-client", has_node and ["node", str(node / "openid_client.mjs")], "node or its packages are not there (./dev clients fetches them)"
    yield "golang.org/x/oauth2", build_go(folder, may_fetch) and [str(folder / "go_client")], "go or its module is not there (./dev clients fetches it)"
    why = "chromium is not there" if has_node else "node or its packages are not there (./dev clients fetches them)"
    yield "chromium", has_node and chromium and ["node", str(node / "browser.mjs"), chromium, str(folder / "screenshots")], why


def run_client(name, command, environment, counts):
    print(f"-- {name}", flush=True)
    began = counts["ok"]
    try:
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240)
        out, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        out, code = (late.stdout or b"").decode() + "\nFAIL it took too long", 1
    print(out, end="", flush=True)
    failures = sum(line.startswith("FAIL ") for line in out.splitlines())
    counts["ok"] += sum(line.startswith("ok ") for line in out.splitlines())
    counts["FAIL"] += failures
    if failures == 0 and (code != 0 or counts["ok"] == began):
        counts["FAIL"] += 1
        print(f"FAIL {name} ended with {code} and checked {counts['ok'] - began} things")


def main():
    may_fetch = sys.argv[1] == "--fetch"
    parleyd, parley, folder = sys.argv[-3], sys.argv[-2], pathlib.Path(sys.argv[-1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    with tempfile.TemporaryDirectory(prefix="parley-clients-") as temporary:
        os.chmod(temporary, 0o755)
        data = os.path.join(temporary, "data")
        os.mkdir(data)
        process, base = start(parleyd, data)
        try:
            subprocess.run([parley, "load", str(HERE / "world.json"), "--data-dir", data], check=True, capture_output=True)
            browser = serve_browser(base)
            environment = {**os.environ, "PARLEY_BASE": base, "BROWSER_URL": f"http://127.0.0.1:{browser.server_port}/consent",
                           "AUTHLIB_INSECURE_TRANSPORT": "1"}
            for name, command, why in commands(folder, may_fetch):
                if command:
                    run_client(name, command, environment, counts)
                else:
                    counts["skip"] += 1
                    print(f"-- {name}\nskip {why}", flush=True)
        finally:
            process.terminate()
            process.wait(30)
    print(f"clients: {counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped")
    return 1 if counts["FAIL"] or not counts["ok"] + counts["skip"] else 0


if __name__ == "__main__":
    sys.exit(main())
