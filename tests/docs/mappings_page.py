"""docs/mappings.md: how to write a mapping, with tables that follow from the format itself."""

from pydantic import BaseModel

from adapters.generic.mapping import format as written
from adapters.generic.mapping.expressions import MAX_LENGTH, MAX_LEVELS
from adapters.generic.mapping.functions import FREE_UNITS, MAX_UNITS, PART_UNITS, UNITS_A_BYTE, Functions
from adapters.generic.mapping.places import MAX_BYTES
from sre_ingest.sdk.fields import MAX_TEXTS
from tests.docs.tables import page, table

_EXAMPLE = """\
```yaml
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
at most 200 mappings. Try a file on a body first: `sre-ingest map acme.yaml body.json --explain`.
"""
_EXPRESSIONS = """\
Every value is found with a [JMESPath](https://jmespath.org) expression, evaluated on one record; text in it stands
between single quotes, literal JSON between backticks. What is absent is null, and null is as good as not mapped.
Numbers keep the sender's digits until something is calculated with them: `1.10` stays `1.10`. A standard function that
is given what it cannot take costs the record (`bad_field`); beside those there are these, which give null for a value
that they can do nothing with:
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
            *(_section(one) for one in sections),
            _BOUNDS,
            _RULES.rstrip(),
            "",
        ]
    )


def _section(model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", "required" if field.is_required() else "", field.description or "")
        for name, field in model.model_fields.items()
    ]
    return f"### {model.__name__}\n\n{model.__doc__}\n\n" + table(("field", "", "what it is"), rows)
