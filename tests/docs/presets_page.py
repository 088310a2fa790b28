"""adapters/generic/mappings/README.md: which tools are read without a mapping of one's own, and how to tell them."""

from collections.abc import Iterator
from pathlib import Path

from adapters.generic.mapping import compilation
from adapters.generic.mapping.format import Alert, HealthCheck, MappingFile, SliWindow
from tests.docs.tables import page, table

FOLDER = Path(compilation.__file__).parents[1] / "mappings"
PAGE = FOLDER / "README.md"

_KINDS = {Alert: "alert", HealthCheck: "health check", SliWindow: "SLI window"}
_INTRO = """\
The tools that the gateway reads out of the box. Give the tool the address of your gateway with the path from the table,
such as `https://sre-ingest.example.org/webhooks/generic/pingdom`, and [the token](#the-token). What it sends becomes
alerts, health checks or windows of an objective; what is no signal, such as a test button, is ignored by name. The name
of the tool leads to its file, which says what becomes of every field; bodies in the tool's shape, and what is
made of them, are in the folder beside it.
"""
_TOKEN = """\
## The token

Start the gateway with a token, and it lets in only who shows it, in one way: the header `Authorization` with the word
`Bearer` and the token.

```console
openssl rand -hex 32 > token
```

```console serve
SRE_INGEST_AUTH__BEARER_TOKEN_FILE=token sre-ingest serve
```

Where it goes depends on what the tool lets you fill in:

| the tool has a field for | enter |
| --- | --- |
| headers, each with name and value | name `Authorization`, value `Bearer 5f2c...` |
| headers, as lines | `Authorization: Bearer 5f2c...`, or with `=` where the tool writes its headers so |
| headers, as JSON | `{"Authorization": "Bearer 5f2c..."}` |
| a token, or credentials of the type "Bearer" | `5f2c...` alone: the tool adds the word |
| a secret to sign bodies with | nothing: signatures are not looked at |
| user and password (Basic) | see [below](#tools-that-can-set-no-header) |
| an address and nothing else | see [below](#tools-that-can-set-no-header) |

Try it as the tool will do it, before you look for a mistake in the tool:

```console
curl -fsS http://127.0.0.1:8080/webhooks/generic/pingdom -H "Authorization: Bearer $(cat token)" \\
  -H 'Content-Type: application/json' --data '
{"check_id": 7001, "check_name": "Shop", "current_state": "DOWN", "state_changed_timestamp": 1767322800,
 "check_params": {"hostname": "shop.example.org"}}'
sre-ingest tail --from-beginning
```

```text
"accepted":1
"status":"HEALTH_STATUS_UNHEALTHY"
"id":"shop.example.org"
```

## Tools that can set no header

The gateway reads no token from an address, and no user and password. Both are answered 401:

```console
curl -sS -o answer.json -w 'address: %{http_code}\\n' \\
  "http://127.0.0.1:8080/webhooks/generic/pingdom?token=$(cat token)" -H 'Content-Type: application/json' --data '{}'
curl -sS -o answer.json -w 'Basic: %{http_code}\\n' http://127.0.0.1:8080/webhooks/generic/pingdom \\
  --user "sre-ingest:$(cat token)" -H 'Content-Type: application/json' --data '{}'
cat answer.json
```

```text
address: 401
Basic: 401
Send the header Authorization: Bearer with the configured token.
```

Let the proxy that ends TLS before the gateway check what such a tool can show, and set the header in its stead. With
nginx, inside the `server` of your host:

```nginx sre-ingest.conf
# The gateway's own bound; nginx would refuse what is above 1 MiB.
client_max_body_size 16m;

# Tools that can show the token themselves.
location /webhooks/ {
    proxy_pass http://sre-ingest:8080;
}

# Tools with user and password: https://sre-ingest.example.org/basic/pingdom
location /basic/ {
    auth_basic "sre-ingest";
    auth_basic_user_file /etc/nginx/sre-ingest.users;
    proxy_set_header Authorization "Bearer 5f2c...";
    proxy_pass http://sre-ingest:8080/webhooks/generic/;
}

# Tools with an address and nothing else: https://sre-ingest.example.org/9d41.../pingdom
location /9d41.../ {
    access_log off;
    proxy_set_header Authorization "Bearer 5f2c...";
    proxy_pass http://sre-ingest:8080/webhooks/generic/;
}
```

The `9d41...` stands for a secret of its own, made as the token was. Whoever sees such an address can send, and
addresses are written to logs: by nginx to its error log, and by the tool. So give each tool one of its own, and change
it like any other password.

## Subscriptions

Amazon SNS, Huawei's SMN and Oracle's Notifications first ask whether you want what you subscribed to: they post a
message with an address (`SubscribeURL`, `subscribe_url`, `ConfirmationURL`), and nothing else until it was opened. The
gateway opens no address that somebody sends, and keeps nothing of that message, so confirm by hand: while you
subscribe, let a server that shows you what is posted answer at the address instead of the gateway, open in a browser
what it shows, and then let the address lead to the gateway. Until then SNS calls the subscription "pending
confirmation". SNS can set no header either: [above](#tools-that-can-set-no-header) is what helps.

## Two of one tool

An alert is known by its source and its instance, so two accounts of one tool whose ids could be the same get an address
each:

```yaml sre-ingest.yaml
endpoints:
  - {path: /webhooks/pingdom-shop, adapter: pingdom, instance: shop}
  - {path: /webhooks/pingdom-office, adapter: pingdom, instance: office}
```

```console
sre-ingest check-config sre-ingest.yaml
```

## A preset that does not fit

Tools change, and users write templates of their own. A body that no shape fits is refused as a whole, and a status that
is not known costs its record: both with a reason, which [the list of errors](../../../docs/errors.md) explains. A copy
of the preset under its own name, in a folder that the setting `mappings_dir` names, takes its place;
[docs/mappings.md](../../../docs/mappings.md) says what can stand in it.
"""
_FOLLOWED = """\
None of these tools runs in our tests. Each preset follows what is named here, read on that day; what is said to stand
"above" is the head of its file.
"""


def render() -> str:
    """The whole page."""
    presets = [(file, compilation.load(file)) for file in sorted(FOLDER.glob("*.yaml"))]
    presets.sort(key=lambda preset: preset[1].about.tool.casefold())
    return "\n".join(
        [
            page("Presets", _INTRO.rstrip()).rstrip() + "\n",
            table(("tool", "path", "becomes", "to know"), (_row(*preset) for preset in presets)),
            _TOKEN,
            "## What they follow\n",
            _FOLLOWED,
            *(_followed(mapping) for _, mapping in presets),
            "",
        ]
    )


def _row(file: Path, mapping: MappingFile) -> tuple[str, ...]:
    path = compilation.ROUTE.format(mapping=file.stem)
    kinds = {type(shape.record) for shape in mapping.shapes}
    becomes = ", ".join(name for kind, name in _KINDS.items() if kind in kinds)
    return f"[{mapping.about.tool}]({file.name})", f"`{path}`", becomes, "; ".join(_notes(file, mapping))


def _notes(file: Path, mapping: MappingFile) -> Iterator[str]:
    if file.read_text(encoding="utf-8").startswith("#"):
        yield "its file begins with what to enter in the tool"
    if any("subscription" in shape.name for shape in mapping.shapes):
        yield "its [subscription](#subscriptions) is confirmed by hand"
    if mapping.form_fields or mapping.form_field:
        yield "may send a form"
    if mapping.appends_id:
        yield "appends an id to the path"


def _followed(mapping: MappingFile) -> str:
    return f"- **{mapping.about.tool}**, {mapping.about.seen}: {_escaped(mapping.about.source)}."


def _escaped(text: str) -> str:
    for mark in "*<`":
        text = text.replace(mark, f"\\{mark}")
    return text
