#!/usr/bin/env python3
"""Goal: behind a proxy that keeps and shares its connections, no answer reaches another client than the one who asked, and no request is smuggled.

Method: the corpus of raw connections (tests/corpus/http), hostile and valid, through nginx and through HAProxy, each once as strict as it comes and
once as lenient as it gets. All requests of all clients share the proxy's few connections to the service. The request that the corpus hides
behind another one creates a session here. Beside it good clients use the same proxy; each of their requests has an id of its own, asks for a session of
their own, and each answer must have both. What the proxy says that it has forwarded is held against what the service says that it was asked and what is
in the database: a request more than was forwarded, or a session more than the proxy saw created, was smuggled.
"""
import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from stage import QUICK, ROOT, Failed, Service, ask, expect, free_port, get, patiently, run_drill, say, wait_until

NEXT = "GET /next HTTP/1.1\r\nHost: h.example\r\n\r\n"
AT_A_TIME = 24
# How long the proxies wait for a client. The short form takes one variant of each mutation through one proxy of each kind, and waits less for what never comes.
CLIENT_SECONDS = 0.5 if QUICK else 1
GOOD_ANSWERS_MIN = 20 if QUICK else 200

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.error;
events {{ worker_connections 512; }}
http {{
    log_format forwarded '$upstream_addr $upstream_status $request_method';
    access_log {log} forwarded;
    client_body_temp_path {folder}/nginx.body; proxy_temp_path {folder}/nginx.proxy; fastcgi_temp_path {folder}/nginx.f; uwsgi_temp_path {folder}/nginx.u; scgi_temp_path {folder}/nginx.s;
    keepalive_timeout {milliseconds}ms; client_header_timeout {milliseconds}ms; client_body_timeout {milliseconds}ms;
    upstream parley {{ server 127.0.0.1:{service}; keepalive 4; }}
    {leniency}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://parley; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
            proxy_next_upstream off; {passing}
        }}
    }}
}}
"""

HAPROXY = """
global
    # One thread: two that want to log at once lose a line, and each line counts here.
    nbthread 1
    maxconn 512
    log stderr format raw local0 info
defaults
    mode http
    log global
    timeout connect 2s
    timeout client {twice_milliseconds}ms
    timeout server 60s
    timeout http-request {milliseconds}ms
    timeout http-keep-alive {milliseconds}ms
    log-format "%s %ST %HM"
    http-reuse always
    retries 0
frontend api
    bind 127.0.0.1:{port}
    {leniency}
    default_backend parley
backend parley
    server parley 127.0.0.1:{service}
"""

# (name, template, words for the template)
PROXIES = [
    ("nginx", NGINX, {"leniency": "", "passing": ""}),
    ("nginx, lenient, passing bodies on as they come", NGINX, {"leniency": "ignore_invalid_headers off; underscores_in_headers on; merge_slashes off;", "passing": "proxy_request_buffering off;"}),
    ("HAProxy", HAPROXY, {"leniency": ""}),
    ("HAProxy, lenient", HAPROXY, {"leniency": "option accept-invalid-http-request"}),
]


class Proxy:
    """One proxy before the service; a context manager."""

    def __init__(self, service, name, template, words):
        self.name, self.port = name, free_port()
        self.folder = f"{service.folder}/{re.sub('[^a-zA-Z]+', '-', name)}"
        os.mkdir(self.folder)
        self.log = self.folder + "/forwarded"
        with open(self.folder + "/proxy.cfg", "w") as file:
            milliseconds = int(CLIENT_SECONDS * 1000)
            file.write(template.format(folder=self.folder, log=self.log, service=service.port, port=self.port, milliseconds=milliseconds, twice_milliseconds=2 * milliseconds, **words))
        self.is_nginx = template is NGINX

    def __enter__(self):
        command = ["nginx", "-p", self.folder, "-c", self.folder + "/proxy.cfg"] if self.is_nginx else ["haproxy", "-db", "-f", self.folder + "/proxy.cfg"]
        with open(self.folder + "/errors" if self.is_nginx else self.log, "w") as output:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], stdout=subprocess.DEVNULL, stderr=output)
        wait_until(self.listens, 10, f"{self.name} does not listen")
        return self

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(patiently(30))

    def forwarded(self):
        """(method, status) of each request that went to the service."""
        with open(self.log, errors="replace") as lines:
            parts = [line.rstrip("\n").split(" ", 2) for line in lines]
        return [(part[2], part[1]) for part in parts if len(part) == 3 and part[0].startswith(("127.", "parley"))]


class GoodClient(threading.Thread):
    """Asks for its own session again and again; knows its answers by the request's id and by the session's."""

    def __init__(self, number, port, key, session):
        super().__init__()
        self.number, self.port, self.key, self.session = number, port, key, session
        self.asked = self.answered = 0
        self.strange, self.failed, self.stopped = [], {}, threading.Event()

    def run(self):
        connection = None
        while not self.stopped.is_set():
            mark = f"good-{self.number}-{self.asked}"
            self.asked += 1
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=patiently(15))
            try:
                connection.request("GET", f"/api/sessions/{self.session}/", headers={"X-api-key": self.key, "X-Request-Id": mark})
                answer = connection.getresponse()
                body = answer.read().decode("utf-8", "replace")
            except (OSError, http.client.HTTPException) as error:
                self.note(type(error).__name__)
                connection.close()
                connection = None
                continue
            self.check(mark, answer, body)
            if answer.will_close:
                connection = None
            self.stopped.wait(0.002)

    def check(self, mark, answer, body):
        is_from_proxy = answer.getheader("X-Request-Id") is None and answer.status in (502, 503, 504)
        if is_from_proxy:
            return self.note(answer.status)
        self.answered += answer.status == 200
        # A refusal is one's own too, where the machine has no time.
        is_own = answer.getheader("X-Request-Id") == mark and (answer.status == 503 or (answer.status == 200 and json.loads(body).get("id") == self.session))
        if not is_own:
            self.strange.append(f"{mark}: {answer.status}, {answer.getheader('X-Request-Id')}, {body[:80]}")

    def note(self, what):
        self.failed[what] = self.failed.get(what, 0) + 1


def load_corpus():
    with open(ROOT + "/tests/corpus/http/requests.jsonl") as lines:
        return [json.loads(line) for line in lines]


def one_of_each(corpus):
    """The last variant of each mutation: the first ones are often the plainest."""
    return list({case["mutation"]: case for case in corpus}.values())


def hidden_request(number, key, chatbot):
    body = json.dumps({"experiment": chatbot, "participant": f"hidden{number}@example.org"})
    return (f"POST /api/sessions/ HTTP/1.1\r\nHost: h.example\r\nX-api-key: {key}\r\nX-Request-Id: corpus-{number}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}")


def bytes_of(number, case, key, chatbot):
    """The corpus asks for /next behind what is hostile; here that creates a session. Bodies whose length is stated stay as they are."""
    text = case["bytes"]
    if not re.search(r"a body that looks bad|a chunk that looks bad", case["mutation"]):
        text = text.replace(NEXT, hidden_request(number, key, chatbot))
    return text.encode("latin-1")


def send_one(port, data):
    """What comes back on a connection of its own, until it is closed or quiet."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patiently(10)) as connection:
        connection.settimeout(1.5 * CLIENT_SECONDS)
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                received += piece
        except OSError:  # Quiet, or reset behind a refusal.
            pass
    return received


def foreign_answers(number, received):
    marks = re.findall(rb"\r\nX-Request-Id: ((?:good|corpus)-[0-9-]+)", received, re.I)
    return [mark.decode() for mark in marks if mark.decode() != f"corpus-{number}"]


def asked(service):
    return int(service.metric("parley_http_requests_total") + service.metric("parley_http_gate_refusals_total"))


def sessions_of(service, key):
    return json.loads(ask(service.base, "GET", "/api/sessions/?page_size=1", key)[1])["count"]


def settled(read):
    """A figure that has stayed the same for longer than the proxies wait for a client: they log a request when it is over."""
    last, since = read(), time.monotonic()
    end = since + 30
    while time.monotonic() < end and time.monotonic() - since < 4 * CLIENT_SECONDS:
        time.sleep(0.2)
        now = read()
        if now != last:
            last, since = now, time.monotonic()
    return last


def run_through(service, proxy, corpus, keys, sessions, chatbot):
    before_sessions = sessions_of(service, keys[1])
    before_asked = settled(lambda: asked(service))
    begun_with = len(proxy.forwarded())
    good = [GoodClient(number, proxy.port, keys[0], session) for number, session in enumerate(sessions)]
    for client in good:
        client.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as threads:
            received = list(threads.map(lambda pair: send_one(proxy.port, bytes_of(pair[0], pair[1], keys[1], chatbot)), enumerate(corpus)))
    finally:
        for client in good:
            client.stopped.set()
        for client in good:
            client.join(30)
    seen = settled(lambda: asked(service)) - before_asked
    end = time.monotonic() + patiently(5)
    while True:
        forwarded = settled(proxy.forwarded)[begun_with:]
        created = sessions_of(service, keys[1]) - before_sessions
        posts = sum(1 for method, status in forwarded if method == "POST" and status == "201")
        # A client that has left before the answer may be logged without it.
        unknown = sum(1 for method, status in forwarded if method == "POST" and not status.startswith(("2", "4", "5")))
        # What is still under way is logged later.
        if (seen <= len(forwarded) and created <= posts + unknown) or time.monotonic() > end:
            break
    foreign = [(corpus[number]["name"], marks) for number, bytes_ in enumerate(received) if (marks := foreign_answers(number, bytes_))]
    strange = [text for client in good for text in client.strange]
    failed = {}
    for client in good:
        for what, count in client.failed.items():
            failed[what] = failed.get(what, 0) + count
    say(f"{proxy.name}: forwarded {len(forwarded)} requests, the service was asked {seen}; created by the corpus {created}, seen created by the proxy {posts}; "
        f"good clients: {sum(client.answered for client in good)} answers, {len(strange)} strange, failed at the proxy {failed}; corpus: {len(foreign)} connections with another's answer")
    for text in strange[:3] + [str(one) for one in foreign[:3]]:
        say("  " + text)
    expect(not strange and not foreign, f"{proxy.name}: no answer reached another client")
    expect(seen <= len(forwarded), f"{proxy.name}: the service was asked nothing that the proxy has not forwarded")
    expect(posts <= created <= posts + unknown, f"{proxy.name}: no session was created by what a body hid")
    expect(sum(client.answered for client in good) > GOOD_ANSWERS_MIN, f"{proxy.name}: good clients were served all the while")


def drill():
    corpus = load_corpus()
    expect(len(corpus) >= 1000, f"the corpus has {len(corpus)} connections")
    if QUICK:
        corpus = one_of_each(corpus)
    proxies = [PROXIES[0], PROXIES[3]] if QUICK else PROXIES
    parleyd = os.environ.get("PARLEYD")  # A broken build, to see the drill fail.
    settings = ["--rate-limit-api", "1000000000/5m", "--connections-per-address-max", "0", "--rate-limit-credentials", "1000000/5m"]
    with Service(settings, "teams=2,sessions=50,messages=4,chatbots=1", parleyd=parleyd) as service:
        sessions = [row["id"] for row in json.loads(ask(service.base, "GET", "/api/sessions/?page_size=3", service.keys[0])[1])["results"]]
        chatbot = json.loads(ask(service.base, "GET", "/api/sessions/?page_size=1", service.keys[1])[1])["results"][0]["experiment"]["id"]
        broken = []
        for name, template, words in proxies:
            with Proxy(service, name, template, words) as proxy:
                try:
                    run_through(service, proxy, corpus, service.keys, sessions, chatbot)
                except Failed as failure:
                    say(f"not so: {failure}")
                    broken.append(name)
        statuses = get(service.admin + "/livez")
        expect(not broken, f"all {len(proxies)} proxies with all {len(corpus)} connections; the service is {statuses.strip()[:20]!r}")


run_drill(drill, has_quick_form=True)
