"""docs/mappings.md: how to write a mapping, with tables that follow from the format itself."""

from datetime import date
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from adapters.generic.mapping import format as written
from adapters.generic.mapping.expressions import MAX_LENGTH, MAX_LEVELS, Expression
from adapters.generic.mapping.functions import FREE_UNITS, MAX_UNITS, PART_UNITS, UNITS_A_BYTE, Functions
from adapters.generic.mapping.places import MAX_BYTES
from sre_ingest.sdk.fields import MAX_TEXTS
from tests.docs.tables import page, table

_NOUNS = {Expression: "expression", str: "text", bool: "`true` or `false`", date: "date"}
_EXAMPLE = """\
```yaml example.yaml
about:
  tool: Example
  source: the webhook schema on example.org
  seen: 2026-01-01
shapes:
  - name: test button
    when: type == 'test'
    ignore: "`true`"
  - name: incidents
    when: incidents
    each: incidents
    alert:
      title: rule.name
      status:
        value: state
        lookup: {open: firing, closed: resolved, draft: ignored}
      identity: [id]
      severity:
        value: level
        lookup: {sev1: critical, sev2: high}
      starts_at: {value: opened_at, formats: [epoch_ms]}
      ends_at: {value: closed_at, formats: [epoch_ms]}
      labels: {service: service.name, region: body().region}
      labels_from: [tags]
      annotations: {summary: text}
      generator_url: links.self
      rest: example_
```
"""
_INTRO = """\
A mapping teaches the gateway the bodies of one tool, without code: one YAML file, compiled and checked at start. Its
name is the source: `datadog.yaml` is served at `POST /webhooks/generic/datadog`, and its alerts are
`datadog:<instance>:<fingerprint>`. The presets are in
[adapters/generic/mappings](../adapters/generic/mappings), each with samples beside it; a mistake in a file ends the
start with its file, line and field.

Files of your own go into a folder that the setting `mappings_dir` names (in Kubernetes the chart's value
`mappings.existingConfigMap`); one called as a preset takes its place. The gateway looks at the folder every ten seconds
and takes over what has changed without a restart: all files at once or, if any of them holds a mistake, none. Then it
goes on with the last good ones, logs each mistake, and `sre_ingest_config_last_reload_successful` is 0. A folder holds
at most 200 mappings, whose names end with `.yaml` (one that ends with `.yml` is refused, so that none is left out in
silence) and are none of a room, such as `grafana`. Try a file on a body first:
`sre-ingest map acme.yaml body.json --explain` says which shape fits, what each expression finds, and what the words and
times found mean.
"""
_EXPRESSIONS = """\
Every value is found with a [JMESPath](https://jmespath.org) expression, evaluated on one record. A word in it is the
name of a field; text stands between single quotes and literal JSON between backticks, inside the quotes that
[YAML](#yaml) takes away: `type: kind` is what the field `kind` says, `type: "'service'"` is the text `service`. What is
absent is null, and null is as good as not mapped.
Numbers keep the sender's digits until something is calculated with them: `1.10` stays `1.10`. A standard function that
is given what it cannot take costs the record (`bad_field`); beside those there are these, which give null for a value
that they can do nothing with:
"""
_FILE = """\
An expression is evaluated on each record, all else is taken as it stands: `text`, `one of` a few words, a `list`, and a
`section`, whose fields stand below its name or between braces. What is not required and has no default is left out.
"""
_CHECK = """\
## A health check

```yaml prober.yaml
about: {tool: Prober, source: what ours sent, seen: 2026-01-01}
shapes:
  - name: results
    when: results
    each: results
    health_check:
      title: check
      status:
        value: state
        lookup: {up: healthy, slow: degraded, down: unhealthy, "": unknown, paused: ignored}
      resource: {type: "'endpoint'", id: url}
      checked_at: {value: at, formats: [epoch_s]}
      message: text
      source: agent
      labels: {region: body().region}
```

```json prober.json
{"region": "eu-1",
 "results": [{"check": "Shop", "state": "DOWN", "url": "https://shop.example.org", "at": 1767322800, "text": "504"}]}
```

```console
sre-ingest map prober.yaml prober.json --explain
```

```text
  resource.type: 'endpoint' -> endpoint
  status.value: state -> DOWN
  status => unhealthy
  checked_at => 2026-01-02T03:00:00Z
  labels => {"region":"eu-1"}
"status":"HEALTH_STATUS_UNHEALTHY"
"source":"HEALTH_CHECK_SOURCE_AGENT"
```
"""
_WINDOW = """\
## A window of an objective

The two times differ in one field, so the second takes over the first (`&` names a section, `<<: *` takes it over):

```yaml objectives.yaml
about: {tool: Objectives, source: what ours sent, seen: 2026-01-01}
shapes:
  - name: report
    when: objective
    sli_window:
      slo_id: objective
      starts_at: &local {value: window.from, formats: ["%Y-%m-%d %H:%M"], zone: Europe/Berlin}
      ends_at: {<<: *local, value: window.to}
      good: requests.ok
      total: requests.all
```

```json objectives.json
{"objective": "shop-availability", "window": {"from": "2026-01-02 04:00", "to": "2026-01-02 04:05"},
 "requests": {"ok": 9990, "all": 10000}}
```

```console
sre-ingest map objectives.yaml objectives.json --explain
```

```text
  starts_at => 2026-01-02T03:00:00Z
  ends_at => 2026-01-02T03:05:00Z
"goodCount":9990.0
```
"""
_YAML = """\
## YAML

- `on`, `off`, `yes`, `no`, `true`, `false`, `null`, numbers and dates are no text to YAML. As a word of a `lookup` or a
  name they need quotes: `lookup: {"on": firing, "off": resolved, "1": firing}`.
- A value that begins with one of ``@ ` ' " [ { ! & * | > % #`` means something else to YAML: put quotes around it, as
  in `each: "[@]"`, ``ignore: "`true`"`` and `title: "'Disk full'"`. So does one that holds `: ` or ` #`, and inside
  `{}` or `[]` one that holds a comma, a bracket or a brace.
- JMESPath has double quotes of its own, for names of fields that are not made of letters, digits and underscores alone:
  `value: '"@timestamp"'`, `host: '"host-name"'`, `id: 'event."rule.id"'`.
- Anchors (`&local`), aliases (`*local`) and merge keys (`<<: *local`) work. Other tags, and one name twice, do not.
"""
_REFUSED = """\
## What is refused

A record that cannot be read is refused alone, and the `path` in the [receipt](receipts.md) says where: its place among
the records, and behind it the expression whose value is not understood (`[0] state`), or the field of the mapping,
where what every record of its kind needs is not there (`[0] resource.type`) or the numbers of a window cannot be true
(`[0] percent`). [The list of errors](errors.md) explains the reasons.
"""
_BOUNDS = f"""\
## Bounds

An expression has at most {MAX_LENGTH:,} characters and {MAX_LEVELS} levels, a file {MAX_BYTES // 1024} KiB.

The work that one body may cause is {FREE_UNITS:,} units and {UNITS_A_BYTE} for each of its bytes, {MAX_UNITS:,} at
most. A step of an expression takes one; a part of a value that is made into text, compared or searched takes
{PART_UNITS}, and one more for four characters of it. A label that repeats `body()` in each of a thousand records uses
them up; the records that come after are refused (`too_large`), and a body whose records cannot even be found is refused
as a whole (`schema`). An alert has at most {MAX_TEXTS:,} labels and as many annotations, those of `rest` included.
"""
_RULES = """\
## Rules of thumb

- **Identity is what stays**: the id of the incident, or of rule and host. Never a counter, a time or a text that
  changes while the alert lasts: the resolve would be another alert.
- `starts_at` names the episode, so it should be the same in the firing and the resolve. If the tool only tells when it
  sent the message, leave `starts_at` out for the resolve, as `aws-sns-cloudwatch` does, or altogether.
- Ignore what is no signal by naming it: confirmations, test buttons, events of other kinds. What is neither mapped nor
  ignored is refused by name, and stays visible to the operator.
- Let unknown words be unknown: map a missing status only where the vendor says what that means.
- Uptime tools are health checks, windows of an objective are SLI windows, all else is alerts.
- Labels are what the alert is about (service, host, region), annotations what is said about it. `rest` keeps what
  nobody has thought of.
- In JMESPath as it is implemented, `!` binds more tightly than a dot: `!a.b` means `(!a).b`, which is always null.
  Write `!(a.b)`.
"""


def render() -> str:
    """The whole page."""
    sections: list[type[BaseModel]] = [
        written.MappingFile,
        written.About,
        written.Shape,
        written.Alert,
        written.AlertStatus,
    ]
    sections += [written.SeverityWord, written.Time, written.Resource]
    sections += [written.HealthCheck, written.CheckStatus, written.SliWindow]
    found = {name: spec["function"] for name, spec in Functions.FUNCTION_TABLE.items()}
    # Ours have a docstring; the standard ones, and those that only mend one of them, have none.
    functions = [(f"`{name}()`", one.__doc__) for name, one in sorted(found.items()) if one.__doc__]
    return "\n".join(
        [
            page("Mappings", _INTRO.rstrip()).rstrip() + "\n",
            _EXAMPLE,
            "## Expressions\n",
            _EXPRESSIONS,
            table(("function", "what it gives"), functions),
            "## The file\n",
            _FILE,
            *(_section(one) for one in sections),
            _CHECK,
            _WINDOW,
            _YAML,
            _REFUSED,
            _BOUNDS,
            _RULES.rstrip(),
            "",
        ]
    )


def _section(model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _takes(field.annotation), _default(field), field.description or "")
        for name, field in model.model_fields.items()
    ]
    return f"### {model.__name__}\n\n{model.__doc__}\n\n" + table(("field", "takes", "default", "what it is"), rows)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    match field.default:
        case Expression(text=text):
            return f"`{text}`"
        case tuple(members):
            return ", ".join(f"`{one}`" for one in members)
        case bool(truth):
            return f"`{truth}`".lower()
        case str(text):
            return f"`{text}`"
    return ""


def _takes(kind: Any, plural: str = "") -> str:
    """What a field of a type is written as; `plural` is the end of a noun that stands for many."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated or NoneType in arguments:
        return _takes(arguments[0], plural)
    if origin is Literal:
        return "one of " + ", ".join(f"`{word}`" for word in arguments)
    if origin is tuple:
        return f"list of {_takes(arguments[0], 's')}"
    if origin is dict:
        names = "words" if arguments[0] is str else "names"
        return f"section: {names}, each with {_takes(arguments[1]).replace('expression', 'an expression')}"
    if issubclass(kind, BaseModel):
        return f"section{plural} [{kind.__name__}](#{kind.__name__.lower()})"
    return _NOUNS[kind] + plural
