#!/usr/bin/env python3
"""Writes requests.jsonl: raw requests with the verdict that RFC 9112 and 9110 give them.

Each line is one connection's bytes: {"name", "mutation", "rule", "bytes", "expect"}. `bytes` is text whose characters U+0000 to
U+00FF are the bytes. `expect` lists what is answered, in order: {"method", "target", "host", "body"} for a request that is served,
{"refused": STATUS} for one that is refused, behind which nothing is served and the connection ends.

The verdicts are written here by hand, rule by rule; nothing asks the service. Made again with: tests/corpus/http/generate.py
"""
import json
import pathlib

VARIANTS_MAX = 20
cases = []
counts = {}

GET = {"method": "GET", "target": "/a", "host": "h.example", "body": ""}
NEXT = "GET /next HTTP/1.1\r\nHost: h.example\r\n\r\n"
SERVED_NEXT = {"method": "GET", "target": "/next", "host": "h.example", "body": ""}


def add(mutation, rule, name, data, *expect):
    """One case. A mutation has at most VARIANTS_MAX of them."""
    counts[mutation] = counts.get(mutation, 0) + 1
    assert counts[mutation] <= VARIANTS_MAX, mutation
    if isinstance(data, bytes):
        data = data.decode("latin-1")
    cases.append({"name": name, "mutation": mutation, "rule": rule, "bytes": data, "expect": list(expect)})


def served(method="GET", target="/a", host="h.example", body=""):
    return {"method": method, "target": target, "host": host, "body": body}


def refused(status=400):
    return {"refused": status}


def get(*lines, target="/a", method="GET", version="HTTP/1.1", host="Host: h.example\r\n"):
    return f"{method} {target} {version}\r\n{host}" + "".join(line + "\r\n" for line in lines) + "\r\n"


def post(*lines, body="", version="HTTP/1.1"):
    return get(*lines, method="POST", version=version) + body


def chunked(body, *lines):
    return post("Transfer-Encoding: chunked", *lines, body=body)


def shown(text):
    return text.encode("unicode_escape").decode("ascii") or "nothing"


def smuggle(mutation, rule, name, head, *, status=400, body="0\r\n\r\n"):
    """What is refused must not let the bytes behind it become a request."""
    add(mutation, rule, name, head + body + NEXT, refused(status))


# --- Valid requests -----------------------------------------------------------------------------------------------------------------

for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND", "M-SEARCH", "X", "A" * 64, "!#$%&'*+-.^_`|~09aZ"]:
    add("valid: methods", "RFC 9110 9.1", f"method {method[:20]}", get(method=method) + NEXT, served(method), SERVED_NEXT)

for target in ["/", "/a/b/c/", "/a?b=c", "/a?b=c?d", "/a?", "/%41", "/%zz", "/a;b=c", "/a:b@c", "/a,b", "//a", "/./a", "/../a", "/a!$&'()*+,;=", "/~u", "/a?b[]=c",
               "/a?b={c}|d^e`f", "/a?b=\"<>\\", "/" + "a" * 4000]:
    add("valid: origin form", "RFC 9112 3.2.1", f"target {target[:30]}", get(target=target) + NEXT, served(target=target), SERVED_NEXT)

for target, path, host in [("http://b.example/a", "/a", "b.example"), ("HTTP://b.example/a", "/a", "b.example"), ("https://b.example/a?c", "/a?c", "b.example"),
                           ("http://b.example", "/", "b.example"), ("http://b.example?c=d", "/?c=d", "b.example"), ("http://b.example:8080/", "/", "b.example:8080"),
                           ("http://[::1]:80/a", "/a", "[::1]:80"), ("http://127.0.0.1/a", "/a", "127.0.0.1")]:
    add("valid: absolute form", "RFC 9112 3.2.2", f"target {target}", get(target=target) + NEXT, served(target=path, host=host), SERVED_NEXT)

add("valid: asterisk form", "RFC 9112 3.2.4", "OPTIONS *", get(method="OPTIONS", target="*") + NEXT, served("OPTIONS", "*"), SERVED_NEXT)

for host in ["h", "H.EXAMPLE", "h.example:80", "h.example:65535", "h.example:0", "h.example:", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080",
             "[2001:db8::1]", "[2001:DB8::1]:443", "my_service", "a-b.c", "1.example", "h.example.", "xn--e1afmkfd.example", "a" * 63 + ".example"]:
    add("valid: Host", "RFC 9110 7.2", f"host {host[:30]}", get(host=f"Host: {host}\r\n") + NEXT, served(host=host), SERVED_NEXT)

for line in ["X:b", "X: b", "X:  b", "X: b ", "X:\tb", "X: b\t", "X:", "X: ", "X: b\tc", "X: b:c", "X: \"b\"", "X: b, c", "X: \x80", "X: \xff\xfe", "X: caf\xc3\xa9",
             "x-!#$%&'*+.^_`|~: b", "X: " + "b" * 4000, "X: (b)", "X: ;", "0: b"]:
    add("valid: field lines", "RFC 9112 5", f"field {shown(line)[:40]}", get(line) + NEXT, GET, SERVED_NEXT)

for lines in [["X: 1", "X: 2"], ["Accept: a", "Accept: b"], ["Cookie: a=b", "Cookie: c=d"], ["X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8"], ["Via: 1.1 a", "Via: 1.1 b"]]:
    add("valid: ordinary fields twice", "RFC 9110 5.3", " / ".join(lines), get(*lines) + NEXT, GET, SERVED_NEXT)

for body in ["", "x", "hello", "\x00\x01\x02", "\r\n\r\n", "GET /smuggled HTTP/1.1\r\nHost: h.example\r\n\r\n", "0\r\n\r\n", "\xff" * 10, "a" * 5000]:
    for spelling in ["%d", "0%d"]:
        add("valid: length", "RFC 9112 6.2", f"length {spelling % len(body)}, {shown(body)[:20]}", post("Content-Length: " + spelling % len(body), body=body) + NEXT,
            served("POST", body=body), SERVED_NEXT)

for name in ["content-length", "CONTENT-LENGTH", "cOnTeNt-LeNgTh"]:
    add("valid: length in any case", "RFC 9110 5.1", name, post(f"{name}: 2", body="hi") + NEXT, served("POST", body="hi"), SERVED_NEXT)
for space in ["", " ", "  ", "\t", " \t "]:
    add("valid: length amid white space", "RFC 9112 5.1", f"{shown(space)}", post(f"Content-Length:{space}2{space}", body="hi") + NEXT, served("POST", body="hi"), SERVED_NEXT)

for data, body in [("0\r\n\r\n", ""), ("1\r\na\r\n0\r\n\r\n", "a"), ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
                   ("0005\r\nhello\r\n0\r\n\r\n", "hello"), ("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello"), ("5\r\nhello\r\n00\r\n\r\n", "hello"),
                   ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"), ("1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n", "abcdefghijklmnopqrstuvwxyz"),
                   ("00000000000005\r\nhello\r\n0\r\n\r\n", "hello"), ("f\r\n" + "x" * 15 + "\r\n0\r\n\r\n", "x" * 15), ("F\r\n" + "x" * 15 + "\r\n0\r\n\r\n", "x" * 15)]:
    add("valid: chunks", "RFC 9112 7.1", shown(data)[:40], chunked(data) + NEXT, served("POST", body=body), SERVED_NEXT)
for value in ["chunked", "Chunked", "CHUNKED", "cHuNkEd", " chunked ", "\tchunked\t"]:
    add("valid: chunked in any case", "RFC 9112 7", shown(value), post(f"Transfer-Encoding:{value}", body="1\r\na\r\n0\r\n\r\n") + NEXT, served("POST", body="a"), SERVED_NEXT)
for extension in [";a", ";a=b", "; a=b", " ;a=b", ";a=\"b\"", ";a=\"b;c\"", ";a=\"\\\"\"", ";a=b;c=d", "\t;a", ";a = b", ";a=\"\"", ";a=\"\x80\"", ";ieof"]:
    add("valid: chunk extensions", "RFC 9112 7.1.1", shown(extension), chunked(f"1{extension}\r\na\r\n0{extension}\r\n\r\n") + NEXT, served("POST", body="a"), SERVED_NEXT)
for trailer in ["X: b", "X-api-key: key", "Authorization: Bearer t", "Host: evil.example", "Content-Length: 5", "Transfer-Encoding: chunked", "Cookie: sessionid=a",
                "X-Forwarded-For: 1.2.3.4", "Connection: close", "Expect: 200-ok", "X:", "X: \xff"]:
    add("valid: trailers are dropped", "RFC 9110 6.5.1", trailer, chunked(f"1\r\na\r\n0\r\n{trailer}\r\n\r\n") + NEXT, served("POST", body="a"), SERVED_NEXT)
for trailers in [["X: 1", "Y: 2"], ["X: 1", "X: 1"], ["Host: a", "Host: b"], ["X-api-key: a", "X-api-key: b"]]:
    add("valid: several trailers are dropped", "RFC 9110 6.5.1", " / ".join(trailers), chunked("0\r\n" + "".join(t + "\r\n" for t in trailers) + "\r\n") + NEXT, served("POST"), SERVED_NEXT)

for count in range(1, 17):
    add("valid: pipelined", "RFC 9112 9.3.2", f"{count} requests", NEXT * count, *[SERVED_NEXT] * count)
for first, answer in [(post("Content-Length: 2", body="hi"), served("POST", body="hi")), (chunked("2\r\nhi\r\n0\r\n\r\n"), served("POST", body="hi")),
                      (post("Content-Length: 0"), served("POST")), (chunked("0\r\nX: y\r\n\r\n"), served("POST")), (get(method="HEAD"), served("HEAD")),
                      (get("Content-Length: 2") + "hi", served(body="hi")), (get("Content-Length: 2", method="DELETE") + "hi", served("DELETE", body="hi"))]:
    add("valid: pipelined behind a body", "RFC 9112 9.3.2", f"{answer['method']} {shown(first)[-20:]}", first + NEXT + first + NEXT, answer, SERVED_NEXT, answer, SERVED_NEXT)
for before in ["\r\n"]:
    for rest, answers in [(NEXT, [SERVED_NEXT]), (NEXT + "\r\n" + NEXT, [SERVED_NEXT] * 2), (post("Content-Length: 2", body="hi") + "\r\n" + NEXT, [served("POST", body="hi"), SERVED_NEXT])]:
        add("valid: an empty line before the request line", "RFC 9112 2.2", f"{len(answers)} requests, {shown(rest)[:12]}", before + rest, *answers)
for minor in range(2, 10):
    add("valid: a higher minor version", "RFC 9110 2.5", f"HTTP/1.{minor}", get(version=f"HTTP/1.{minor}") + NEXT, GET, SERVED_NEXT)
for lines in [[], ["Connection: keep-alive"], ["Connection: Keep-Alive"], ["Connection: keep-alive, x"], ["Connection: x"]]:
    kept = any("keep-alive" in line.lower() for line in lines)
    add("valid: HTTP/1.0", "RFC 9112 9.3", " ".join(lines) or "bare", get(*lines, version="HTTP/1.0") + NEXT, GET, *([SERVED_NEXT] if kept else []))
add("valid: HTTP/1.0", "RFC 9112 3.2", "without Host", get(version="HTTP/1.0", host=""), served(host=""))
add("valid: HTTP/1.0", "RFC 9112 6.2", "with a body", post("Content-Length: 2", version="HTTP/1.0", body="hi"), served("POST", body="hi"))
add("valid: HTTP/1.0", "RFC 9110 10.1.1", "Expect is passed over", post("Content-Length: 2", "Expect: 100-continue", version="HTTP/1.0", body="hi"), served("POST", body="hi"))
for lines in [["Connection: close"], ["Connection: Close"], ["Connection: x, close"], ["Connection: close, x"], ["Connection: keep-alive", "Connection: close"],
              ["Connection: close", "Connection: keep-alive"], ["Connection: close,"], ["Connection: , close"], ["Connection:close"], ["connection: CLOSE"]]:
    add("valid: close ends the connection", "RFC 9112 9.6", " / ".join(lines), get(*lines) + NEXT, GET)
for lines in [["Upgrade: websocket", "Connection: upgrade"], ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"],
              ["Upgrade: TLS/1.0", "Connection: Upgrade"], ["Upgrade: foo/2"], ["Upgrade:"]]:
    add("valid: an upgrade is passed over", "RFC 9110 7.8", lines[0], get(*lines) + NEXT, GET, SERVED_NEXT)
for value in ["100-continue", "100-Continue", "100-CONTINUE", " 100-continue "]:
    add("valid: Expect", "RFC 9110 10.1.1", value, post("Content-Length: 2", f"Expect:{value}", body="hi") + NEXT, served("POST", body="hi"), SERVED_NEXT)
add("valid: Expect", "RFC 9110 10.1.1", "without a body", get("Expect: 100-continue") + NEXT, GET, SERVED_NEXT)
add("valid: Expect", "RFC 9110 10.1.1", "with chunks", chunked("0\r\n\r\n", "Expect: 100-continue") + NEXT, served("POST"), SERVED_NEXT)
for lines in [["X-api-key: a"], ["Authorization: Bearer a"], ["X-api-key: a", "Authorization: Bearer a"], ["X-api-key:"], ["Authorization:"], ["X_api_key: a"], ["X-api-key2: a", "X-api-key: b"],
              ["Proxy-Authorization: a", "Authorization: b"]]:
    add("valid: who asks", "API behaviour 2", " / ".join(lines), get(*lines) + NEXT, GET, SERVED_NEXT)
for name in ["TE", "Trailer", "Keep-Alive", "Content-Encoding", "Content-Type", "Range", "If-None-Match", "Date", "Max-Forwards", "From", "Proxy-Connection", "Priority"]:
    add("valid: fields that mean nothing here", "RFC 9110 5.1", name, get(f"{name}: x") + NEXT, GET, SERVED_NEXT)

# --- Request line -------------------------------------------------------------------------------------------------------------------

for line in ["GET", "GET ", "GET /a", "GET /a ", "GET  /a HTTP/1.1", "GET /a  HTTP/1.1", "GET /a HTTP/1.1 ", " GET /a HTTP/1.1", "\tGET /a HTTP/1.1", "GET\t/a HTTP/1.1", "GET /a\tHTTP/1.1",
             "GET /a HTTP/1.1 x", "GET /a b HTTP/1.1", "GET /a\x0bHTTP/1.1", "GET\x0c/a HTTP/1.1", "/a HTTP/1.1", "HTTP/1.1 200 OK", "GET HTTP/1.1", "GET /a HTTP/1.1\t", "GET /a\xa0HTTP/1.1"]:
    smuggle("request line: parts", "RFC 9112 3", shown(line), f"{line}\r\nHost: h.example\r\n\r\n", body="")
for method in ["G(T", "G)T", "G<T", "G>T", "G@T", "G,T", "G;T", "G:T", "G\\T", "G\"T", "G/T", "G[T", "G]T", "G?T", "G=T", "G{T", "G}T", "G\x00T", "G\x7fT", "G\x80T"]:
    smuggle("request line: method", "RFC 9110 9.1", shown(method), get(method=method), body="")
for version in ["http/1.1", "Http/1.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1.1.1", "HTTP/1,1", "HTTP/11", "HTTP/01.1", "HTTP/1.10", "HTTP/1.x", "HTTP/x.1", "HTTP 1.1", "HTTPS/1.1", "HTP/1.1",
                "1.1", "HTTP/-1.1", "HTTP/1.1\x00", "HTTP//1.1", "HTTP/1.1;"]:
    smuggle("request line: version", "RFC 9112 2.3", shown(version), get(version=version), body="")
for version in ["HTTP/0.9", "HTTP/0.0", "HTTP/0.1", "HTTP/2.0", "HTTP/2.1", "HTTP/3.0", "HTTP/4.2", "HTTP/9.9"]:
    smuggle("request line: another major version", "RFC 9110 15.6.6", version, get(version=version), status=505, body="")
smuggle("request line: another major version", "RFC 9113 3.4", "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status=505, body="")
for target in ["a", "h.example", "h.example:80", "*", "?a=b", "ftp://h.example/", "http:/h.example/", "http:h.example", "http://", "http:///a", "http://?a", "http://u@h.example/",
               "http://h.example:99999/", "http://h.example:x/", "http://[::1/", "http://h example/", "ws://h.example/", "://h.example/", "http://h\"x/", "javascript:a"]:
    smuggle("request line: target's form", "RFC 9112 3.2", shown(target), get(target=target), body="")
for char in ["#", "\x01", "\x08", "\x1b", "\x1f", "\x7f", "\x80", "\xa0", "\xc3", "\xff", "\x00", "\x0b", "\x0c", "\x85", "\xad", "\xe2"]:
    smuggle("request line: target's characters", "RFC 3986 2", shown(char), get(target=f"/a{char}b"), body="")
    smuggle("request line: query's characters", "RFC 3986 3.4", shown(char), get(target=f"/a?b={char}c"), body="")
for target in ["h.example:80", "h.example", "/", "*", "http://h.example/"]:
    smuggle("request line: CONNECT", "RFC 9110 9.3.6", target, get(method="CONNECT", target=target), body="")
for ending in ["\n", "\r", "\r\r\n", "\n\r", "\x0b\r\n"]:
    smuggle("request line: ending", "RFC 9112 2.2", shown(ending), f"GET /a HTTP/1.1{ending}Host: h.example\r\n\r\n", body="")
for before in ["\n", "\r\n\r\n", "\r\r\n", " \r\n", "\r\n ", "\x00", "\t\r\n", "\r\n\n", "\xef\xbb\xbf", "\x16\x03\x01\x00", "\x80\x2e\x01"]:
    add("request line: before it", "RFC 9112 2.2", shown(before), before + NEXT, refused())

# --- Field lines --------------------------------------------------------------------------------------------------------------------

for char in list("\"(),/;<=>?@[\\]{}") + ["\x00", "\x7f", "\x80", "\xff"]:
    smuggle("field name: characters", "RFC 9110 5.1", shown(char), get(f"X{char}Y: b"), body="")
for char in [chr(c) for c in range(1, 32) if c not in (9, 10, 13)][:20]:
    smuggle("field name: control characters", "RFC 9110 5.1", shown(char), get(f"X{char}Y: b"), body="")
for line in ["X : b", "X\t: b", "X  : b", " X: b", "\tX: b", "X Y: b", "X", "X b", ": b", ":", " : b", "X\x0b: b", "X\xa0: b", "Host : x", "Content-Length : 5", "Transfer-Encoding : chunked",
             "Content-Length\t: 5", "Transfer-Encoding\x0b: chunked", "\x00: b", "X;: b"]:
    smuggle("field name: white space and colon", "RFC 9112 5.1", shown(line), get(line), body="hello")
for char in [chr(c) for c in range(0, 32) if c not in (9, 10, 13)][:20]:
    smuggle("field value: control characters", "RFC 9110 5.5", shown(char), get(f"X: a{char}b"), body="")
for char in ["\x18", "\x19", "\x1a", "\x1b", "\x1c", "\x1d", "\x1e", "\x1f", "\x7f"]:
    smuggle("field value: more control characters", "RFC 9110 5.5", shown(char), get(f"X: a{char}b"), body="")
for line in ["X: a\rb", "X: a\r", "X: \r", "X: a\r\rb", "X: a\rContent-Length: 5", "X: a\rTransfer-Encoding: chunked", "X\r: a", "\rX: a", "X:\ra"]:
    smuggle("field value: bare carriage return", "RFC 9112 2.2", shown(line), get(line), body="")
for line in ["X: a\nContent-Length: 5", "X: a\nTransfer-Encoding: chunked", "X: a\nHost: evil.example", "X: a\nX-api-key: b", "X: a\n", "X: a\n\n", "\nX: a", "X: a\nY: b"]:
    smuggle("field line: bare line feed", "RFC 9112 2.2", shown(line), get(line), body="")
for fold in [" b", "\tb", "  b", " ", "\t", " chunked", " Content-Length: 5", "\tHost: x", " \tb", " :b"]:
    smuggle("field line: folded", "RFC 9112 5.2", shown(fold), get("X: a", fold), body="")
    smuggle("field line: folded first", "RFC 9112 2.2", shown(fold), get(host=fold + "\r\nHost: h.example\r\n"), body="")
for line, fold in [("Transfer-Encoding:", " chunked"), ("Transfer-Encoding: chunked,", " gzip"), ("Content-Length:", " 5"), ("Content-Length: 5", " 0"), ("Host:", " evil.example"),
                   ("X-api-key:", " key"), ("Authorization: Bearer", " token"), ("Connection:", " close"), ("Cookie: a=b;", " sessionid=c")]:
    smuggle("field line: folded where it matters", "RFC 9112 5.2", line, get(line, fold), body="hello")
for ending in ["\r\r\n", "\n", "\n\n", "\r\n \r\n", "\r"]:
    smuggle("head: ending", "RFC 9112 2.2", shown(ending), f"GET /a HTTP/1.1\r\nHost: h.example{ending}X: b\r\n\r\n" if ending != "\n\n" else "GET /a HTTP/1.1\r\nHost: h.example\n\n", body="")

# --- Host ---------------------------------------------------------------------------------------------------------------------------

smuggle("Host: missing", "RFC 9112 3.2", "none", get(host=""), body="")
smuggle("Host: missing", "RFC 9112 3.2", "only in the absolute form", get(host="", target="http://h.example/a"), body="")
for lines in [["Host: h.example"], ["host: h.example"], ["HOST: H.EXAMPLE"], ["Host: evil.example"], ["Host:"], ["X: y", "Host: evil.example"], ["hOsT: h.example:80"]]:
    smuggle("Host: doubled", "RFC 9112 3.2", " / ".join(lines), get(*lines), body="")
    smuggle("Host: doubled on HTTP/1.0", "RFC 9112 3.2", " / ".join(lines), get(*lines, version="HTTP/1.0"), body="")
for host in ["", " ", "a b", "a,b", "a, b", "a/b", "a?b", "a#b", "u@a", "u:p@a", "a:b", "a:1:2", "a:99999", "a:-1", ":80", "[::1", "::1", "[::1]x", "[a]", "a\"b"]:
    smuggle("Host: value", "RFC 9110 7.2", shown(host), get(host=f"Host: {host}\r\n"), body="")
for host in ["a\\b", "a<b", "a>b", "a;b", "a'b", "a{b", "a|b", "a^b", "a`b", "\xc3\xa9", "a\xffb", "a\tb", "[::1%eth0]", "[]", "a:+1", "a: 80", "http://a", "a" * 300, "(a)", "a=b"]:
    smuggle("Host: more values", "RFC 3986 3.2.2", shown(host)[:30], get(host=f"Host: {host}\r\n"), body="")

# --- Who asks -----------------------------------------------------------------------------------------------------------------------

for first, second in [("X-api-key: a", "X-api-key: b"), ("X-api-key: a", "x-API-KEY: a"), ("X-api-key:", "X-api-key: a"), ("X-api-key: a", "X-api-key:"), ("Authorization: Bearer a", "Authorization: Bearer b"),
                      ("Authorization: Bearer a", "authorization: Bearer a"), ("Authorization: Basic a", "Authorization: Bearer a"), ("Authorization:", "Authorization: Bearer a")]:
    smuggle("who asks: doubled", "API behaviour 2", f"{first} / {second}", get(first, second), body="")
    smuggle("who asks: doubled with a field between", "API behaviour 2", f"{first} / {second}", get(first, "X: y", second), body="")

# --- Content-Length -----------------------------------------------------------------------------------------------------------------

for value in ["", "+5", "-5", "-0", "5 5", "5,5", "5, 5", "5,6", "0x5", "5.0", "5e0", "five", "5;", "5;a=b", "\"5\"", "'5'", "5\x0b", "\x0c5", "٥".encode().decode("latin-1"), "5_0"]:
    smuggle("length: malformed", "RFC 9112 6.3", shown(value), post(f"Content-Length: {value}"), body="hello")
for value in ["9223372036854775808", "18446744073709551615", "18446744073709551616", "18446744073709551621", "99999999999999999999", "4294967296" * 3, "9" * 100, "9" * 1000]:
    smuggle("length: too large a number", "RFC 9112 6.3", value[:24], post(f"Content-Length: {value}"), body="hello")
for first, second in [("5", "5"), ("5", "6"), ("0", "5"), ("5", "0"), ("", "5"), ("5", ""), ("5", "05"), ("5", "x")]:
    smuggle("length: doubled", "RFC 9112 6.3", f"{first!r} and {second!r}", post(f"Content-Length: {first}", f"Content-Length: {second}"), body="hello")
    smuggle("length: doubled in another case", "RFC 9112 6.3", f"{first!r} and {second!r}", post(f"Content-Length: {first}", "X: y", f"content-length: {second}"), body="hello")

# --- Transfer-Encoding --------------------------------------------------------------------------------------------------------------

for value in ["gzip", "deflate", "compress", "br", "zstd", "identity", "x", "xchunked", "chunkedx", "x-chunked", "gzip, chunked", "gzip,chunked", "x;q=1, chunked", "identity, chunked", "GZIP", "chunke",
              "hunked", "trailers", "gzip, deflate", "x, y, chunked"]:
    smuggle("coding: unknown", "RFC 9112 6.1", value, post(f"Transfer-Encoding: {value}"), status=501)
for value in ["chunked, gzip", "chunked,identity", "chunked, chunked", "chunked;a=b", "chunked ;a=b", "\"chunked\"", "'chunked' x", "chunk ed", "chunked x", "gzip chunked", "[chunked]", "chunked, chunked, gzip",
              "gzip, chunked, chunked", "chunked;q=0.5", "ch\xfcnked", "chunked\xa0", "{chunked}", "chunked:", "=chunked", "@chunked"]:
    smuggle("coding: malformed or not last", "RFC 9112 6.3", shown(value), post(f"Transfer-Encoding: {value}"))
for char in ["\x0b", "\x0c", "\x00", "\x7f", "\x08", "\x1c"]:
    smuggle("coding: control characters before it", "RFC 9110 5.5", shown(char), post(f"Transfer-Encoding: {char}chunked"))
    smuggle("coding: control characters behind it", "RFC 9110 5.5", shown(char), post(f"Transfer-Encoding: chunked{char}"))
for first, second in [("chunked", "chunked"), ("gzip", "chunked"), ("chunked", "gzip"), ("identity", "chunked"), ("chunked", "identity"), ("", "chunked"), ("chunked", ""), ("x", "chunked"), ("chunked", "x")]:
    smuggle("coding: doubled", "RFC 9112 6.1", f"{first!r} and {second!r}", post(f"Transfer-Encoding: {first}", f"Transfer-Encoding: {second}"))
    smuggle("coding: doubled in another case", "RFC 9112 6.1", f"{first!r} and {second!r}", post(f"Transfer-Encoding: {first}", f"TRANSFER-ENCODING: {second}"))
for coding in ["chunked", "Chunked", "gzip", "identity", "gzip, chunked", "xchunked", "chunked, gzip", ""]:
    smuggle("coding: beside a length", "RFC 9112 6.3", f"length, then {coding!r}", post("Content-Length: 5", f"Transfer-Encoding: {coding}"))
    smuggle("coding: before a length", "RFC 9112 6.3", f"{coding!r}, then length", post(f"Transfer-Encoding: {coding}", "Content-Length: 5"))
    smuggle("coding: beside a length of zero", "RFC 9112 6.3", f"{coding!r}", post("Content-Length: 0", f"Transfer-Encoding: {coding}"))
    smuggle("coding: on HTTP/1.0", "RFC 9112 6.1", f"{coding!r}", post(f"Transfer-Encoding: {coding}", version="HTTP/1.0"))
    smuggle("coding: on HTTP/1.0 that keeps alive", "RFC 9112 6.1", f"{coding!r}", post(f"Transfer-Encoding: {coding}", "Connection: keep-alive", version="HTTP/1.0"))

# --- Chunks -------------------------------------------------------------------------------------------------------------------------

for size in ["", "g", "x", "-1", "+1", "0x1", " 1", "\t1", "1 ", "1\t", "1,", "1 1", "1h", "1.0", "1e", "\"1\"", "1\x0b", "\xb9", "1;", "1\x00"]:
    if size == "1e":
        continue  # A good size: 30.
    smuggle("chunk: size", "RFC 9112 7.1", shown(size), post("Transfer-Encoding: chunked"), body=f"{size}\r\na\r\n0\r\n\r\n")
for size in ["10000000000000000", "fffffffffffffffff", "0" * 300 + "1", "100000000000000001"]:
    smuggle("chunk: size too long a number", "RFC 9112 7.1", size[:24], post("Transfer-Encoding: chunked"), body=f"{size}\r\na\r\n0\r\n\r\n")
for size in ["7ffffffffffffff", "ffffffffffffff", "fffffff", "1000000000"]:
    smuggle("chunk: more than a body may hold", "RFC 9110 15.5.14", size, post("Transfer-Encoding: chunked"), body=f"{size}\r\na\r\n0\r\n\r\n", status=413)
for extension in [";", "; ", ";=b", ";a=", ";a=b c", ";a=\"b", ";a=\"b\"c", ";a b", " a", ";a==b", ";\x00", ";a=\x01", ";a=\"\x01\"", ";a=\"\\\x01\"", ";;a", ";a;", ";a=b;", ",a", ";(a)", ";a=\xff"]:
    smuggle("chunk: extension", "RFC 9112 7.1.1", shown(extension), post("Transfer-Encoding: chunked"), body=f"1{extension}\r\na\r\n0\r\n\r\n")
for extension in [";a=\"\n\"", ";a=\"\r\"", ";a=\"\r\n\"", ";a\n", ";a=b\n", ";\n", ";a\rb", "\n", "\r"]:
    smuggle("chunk: line end in the extension", "RFC 9112 7.1.1", shown(extension), post("Transfer-Encoding: chunked"), body=f"1{extension}\r\na\r\n0\r\n\r\n")
for ending in ["\n", "\r", "", " \r\n", "\r\r\n", "x\r\n", "\x00\r\n", "\n\r"]:
    smuggle("chunk: behind the data", "RFC 9112 7.1", shown(ending), post("Transfer-Encoding: chunked"), body=f"1\r\na{ending}0\r\n\r\n")
for ending in ["\n", "\r", "\r\r\n", "\n\r", "\x0b\r\n"]:
    smuggle("chunk: behind the size", "RFC 9112 7.1", shown(ending), post("Transfer-Encoding: chunked"), body=f"1{ending}a\r\n0\r\n\r\n")
    smuggle("chunk: behind the last size", "RFC 9112 7.1", shown(ending), post("Transfer-Encoding: chunked"), body=f"1\r\na\r\n0{ending}\r\n")
for extra in [1, 2, 10, 100]:
    smuggle("chunk: longer than it says", "RFC 9112 7.1", f"by {extra}", post("Transfer-Encoding: chunked"), body="1\r\n" + "a" * (1 + extra) + "\r\n0\r\n\r\n")
for trailer in ["X : b", " X: b", "\tX: b", "X", ": b", "X: a\x00b", "X: a\rb", "X: a\nY: b", "X(: b", "\x80: b", "X: a\x01", "X\x0b: b", "GET /smuggled HTTP/1.1", "X: a\r\n b"]:
    smuggle("trailer: malformed", "RFC 9112 7.1.2", shown(trailer), post("Transfer-Encoding: chunked"), body=f"0\r\n{trailer}\r\n\r\n")
for size in [4096, 5000]:
    smuggle("trailer: too large", "RFC 6585 5", f"{size} bytes", post("Transfer-Encoding: chunked"), body="0\r\nX: " + "b" * size + "\r\n\r\n", status=431)

# --- Expect -------------------------------------------------------------------------------------------------------------------------

for value in ["", "200-ok", "100", "continue", "100-continue, x", "100-continue, 100-continue", "100-continue;q=1", "x", "100 -continue", "\"100-continue\"", "100-continu", "100-continuex", "101-continue", "100_continue"]:
    smuggle("Expect", "RFC 9110 10.1.1", shown(value), post("Content-Length: 0", f"Expect: {value}"), body="", status=417)
smuggle("Expect", "RFC 9110 10.1.1", "twice", get("Expect: 100-continue", "Expect: 100-continue"), body="", status=417)

# --- Bounds -------------------------------------------------------------------------------------------------------------------------

for size in [8192, 9000, 16384]:
    smuggle("bound: request line", "RFC 9112 3", f"target of {size}", get(target="/" + "a" * size), body="", status=414)
    smuggle("bound: request line's method", "RFC 9112 3", f"method of {size}", get(method="A" * size), body="", status=414)
for size in [16384, 17000]:
    smuggle("bound: head by one field", "RFC 6585 5", f"value of {size}", get("X: " + "b" * size), body="", status=431)
    smuggle("bound: head by one name", "RFC 6585 5", f"name of {size}", get("X" * size + ": b"), body="", status=431)
for count in [100, 101, 200]:
    smuggle("bound: number of fields", "RFC 6585 5", f"{count} fields beside Host", get(*["a:"] * count), body="", status=431)
add("bound: number of fields", "RFC 6585 5", "99 fields beside Host", get(*["a:"] * 99) + NEXT, GET, SERVED_NEXT)

# --- Pipelines in which one request is bad ------------------------------------------------------------------------------------------

BAD = [("no Host", get(host=""), 400), ("folded", get("X: a", " b"), 400), ("two Hosts", get("Host: x"), 400), ("a length and a coding", post("Content-Length: 5", "Transfer-Encoding: chunked"), 400),
       ("an unknown coding", post("Transfer-Encoding: gzip"), 501), ("a bare line feed", "GET /a HTTP/1.1\nHost: h.example\n\n", 400), ("a bad length", post("Content-Length: +5"), 400),
       ("another version", get(version="HTTP/2.0"), 505), ("an expectation", get("Expect: x"), 417), ("a space before a colon", get("X : b"), 400), ("a bad chunk", chunked("x\r\n"), 400),
       ("two keys", get("X-api-key: a", "X-api-key: b"), 400), ("rubbish", "\x00\x01\x02\r\n\r\n", 400)]
for name, bytes_, status in BAD:
    add("pipeline: bad behind one good", "RFC 9112 9.3.2", name, NEXT + bytes_ + NEXT, SERVED_NEXT, refused(status))
    add("pipeline: bad behind three good", "RFC 9112 9.3.2", name, NEXT * 3 + bytes_ + NEXT * 3, *[SERVED_NEXT] * 3, refused(status))
    add("pipeline: bad behind a body", "RFC 9112 9.3.2", name, post("Content-Length: 2", body="hi") + bytes_ + NEXT, served("POST", body="hi"), refused(status))
    add("pipeline: bad behind chunks", "RFC 9112 9.3.2", name, chunked("2\r\nhi\r\n0\r\n\r\n") + bytes_ + NEXT, served("POST", body="hi"), refused(status))
    add("pipeline: a body that looks bad", "RFC 9112 6.2", name, post(f"Content-Length: {len(bytes_)}", body=bytes_) + NEXT, served("POST", body=bytes_), SERVED_NEXT)
    add("pipeline: a chunk that looks bad", "RFC 9112 7.1", name, chunked(f"{len(bytes_):x}\r\n{bytes_}\r\n0\r\n\r\n") + NEXT, served("POST", body=bytes_), SERVED_NEXT)

# --- What is cut off ----------------------------------------------------------------------------------------------------------------

for end in [1, 3, 4, 6, 8, 14, 15, 16, 17, 20, 22, 30, 36, 37, 38]:
    add("cut: a head", "RFC 9112 8", f"behind {end} bytes", NEXT[:end], refused())
    add("cut: the second head", "RFC 9112 8", f"behind {end} bytes", NEXT + NEXT[:end], SERVED_NEXT, refused())
for have in [0, 1, 2, 5, 9]:
    add("cut: a body by its length", "RFC 9112 8", f"{have} of 10 bytes", post("Content-Length: 10", body="0123456789"[:have]), refused())
whole = "5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n"
for have in range(0, len(whole), 2):
    add("cut: a body in chunks", "RFC 9112 8", f"{have} of {len(whole)} bytes", chunked(whole[:have]), refused())

# --- Names that only look like those that frame -------------------------------------------------------------------------------------

for line in ["Transfer-Encodin: chunked", "Transfer-Encodings: chunked", "X-Transfer-Encoding: chunked", "Transfer_Encoding: chunked", "TransferEncoding: chunked", "Transfer-Encoding-X: chunked", "TE: chunked",
             "Content-Lengt: 5", "Content-Lengths: 5", "Content_Length: 5", "ContentLength: 5", "X-Content-Length: 5", "Content-Length-X: 5", "Length: 5", "Content-Encoding: chunked"]:
    add("valid: names like those that frame", "RFC 9112 6.3", line, post(line) + NEXT, served("POST"), SERVED_NEXT)
    add("names like those that frame, and a body", "RFC 9112 6.3", line, post(line, body="5\r\nhello\r\n0\r\n\r\n") + NEXT, served("POST"), refused())
for first in ["X-Content-Length: 9", "Content_Length: 9", "X: Content-Length: 9", "Trailer: Content-Length", "Content-Encoding: gzip"]:
    add("valid: a length beside names like it", "RFC 9112 6.2", first, post(first, "Content-Length: 2", body="hi") + NEXT, served("POST", body="hi"), SERVED_NEXT)

# --- A body where none is expected --------------------------------------------------------------------------------------------------

for method in ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PUT", "PATCH", "FOO"]:
    add("valid: a length on any method", "RFC 9110 9.3.1", method, get("Content-Length: 2", method=method) + "hi" + NEXT, served(method, body="hi"), SERVED_NEXT)
    add("valid: chunks on any method", "RFC 9110 9.3.1", method, get("Transfer-Encoding: chunked", method=method) + "2\r\nhi\r\n0\r\n\r\n" + NEXT, served(method, body="hi"), SERVED_NEXT)
    add("bytes behind a head without framing", "RFC 9112 6.3", method, get(method=method) + "hi\r\n" + NEXT, served(method), refused())

out = pathlib.Path(__file__).with_name("requests.jsonl")
out.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="ascii")
print(f"{len(cases)} connections in {len(counts)} mutations")
