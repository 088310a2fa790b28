"""Expressions of mappings keep every digit, tell their mistakes at start, and neither break nor hold up anything."""

import json as plain
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.generic.mapping.expressions import ExpressionError, compiled
from adapters.generic.mapping.functions import MAX_UNITS, Functions
from adapters.generic.mapping.paths import branches
from adapters.generic.mapping.record import Record
from sre_ingest.sdk import json
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.json import Value

NAMES = ("a", "b", "c")
LEAVES = st.none() | st.booleans() | st.integers(2, 9) | st.sampled_from(["", "x", "2026", "x,y"])
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner), max_leaves=12
).map(lambda one: json.parse(plain.dumps(one).replace("2", "2.50").encode()))
FORMS = (
    "({}).a", "({})[0]", "({})[*].b", "({})[].c", "({})[1:].a", "({})[?{}].b", "({}).*.c", "({}) | ({})",
    "({}) || ({})", "({}) && ({})", "({}) == ({})", "({}) < ({})", "!({})", "[{}, {}]", "{{a: {}, b: {}}}", "sum({})",
    "max({})", "sort({})", "abs({})", "type({})", "to_string({})", "to_number({})", "contains({}, {})", "join({}, {})",
    "merge({}, {})", "sort_by({}, &{})", "max_by({}, &{})", "map(&{}, {})", "keys({})",
)  # fmt: skip
LITERALS = ("'x'", "`2`", "`null`", "`[]`", "`true`")
EXPRESSIONS = st.recursive(
    st.sampled_from([*NAMES, "@"]),
    lambda inner: st.sampled_from(FORMS).flatmap(
        lambda form: st.tuples(*[inner | st.sampled_from(LITERALS)] * form.count("{}")).map(
            lambda one: form.format(*one)
        )
    ),
    max_leaves=6,
)


def find(text: str, body: Value) -> object:
    """What an expression finds in a body, or why it can find nothing."""
    try:
        return compiled(text).find(body, Functions(body, 1_000))
    except ExpressionError:
        return ExpressionError
    except BadItem as bad:
        return bad.reason


@settings(max_examples=500, deadline=None)
@given(EXPRESSIONS, BODIES)
def test_only_what_an_expression_reads_matters_to_it(text: str, body: Any) -> None:
    """What it is said not to read can be taken away: `rest` may hand it on as unread, and loses nothing."""
    with suppress(ExpressionError):
        tops = {path[:1] for path in compiled(text).reads}
        if () in tops or not isinstance(body, dict):
            return
        assert find(text, {name: one for name, one in body.items() if (name,) in tops}) == find(text, body)


@settings(max_examples=500, deadline=None)
@given(EXPRESSIONS, BODIES)
def test_no_expression_on_no_body_breaks_anything(text: str, body: Any) -> None:
    """Decimals included, which the library does not know; and what is found can be written."""
    scope = Functions(body, 1_000)
    with suppress(ExpressionError, BadItem):
        scope.text(compiled(text).find(body, scope))


BODY = json.parse(
    b'{"f": 1.50, "i": 9007199254740993, "s": "a-b", "list": [1, 2.5, "x", null, {"k": 1}], "huge": 1e999,'
    b'"decimals": [2.50, 1.10], "objects": [{"v": 2.50}, {"v": 1}], "digits": ' + b"9" * 4_000 + b"}"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f", "1.50"),
        ("to_string(f)", "1.50"),
        ("text(decimals)", "[2.50,1.10]"),
        ("to_string(list)", '[1,2.5,"x",null,{"k":1}]'),
        ("to_number(f)", "1.50"),
        ("to_number('90071992547409931')", "90071992547409931"),
        ("not_null(f)", "1.50"),
        ("map(&v, objects)", "[2.50,1]"),
        ("max_by(objects, &v)", '{"v":2.50}'),
        ("sort_by(objects, &v)[0].v", "1"),
        ("max(decimals)", "2.5"),
        ("sum(decimals)", "3.6"),
        ("floor(f)", "1"),
        ("type(f)", "number"),
        ("f > `1`", "true"),
        ("f == `1.5`", "true"),
        ("f == s", "false"),
        ("s > f", None),
        ("i == `9007199254740992`", "false"),
        ("huge > i", "true"),
        ("decimals[?@ < `2`] | [0]", "1.10"),
        ("contains(decimals, `2.5`)", "true"),
        ("json('[1.10]')", "[1.10]"),
        ("number('nan') || number('inf') || number(huge) || number(digits) || to_number('nan')", None),
        ("abs(huge)", None),
    ],
)
def test_numbers_keep_their_digits_and_can_be_compared(text: str, expected: str | None) -> None:
    """As text they are what the sender wrote, in comparisons what they are worth; what is beyond doubles is null."""
    found: Any = find(text, BODY)
    assert (None if found is None else json.text(found)) == expected


@pytest.mark.parametrize(
    "text",
    ["abs(s)", "merge(@, f)", "ceil(huge)", "sort(list)", "join(',', list)", "avg([digits])", "keys(f)", "length(f)",
     "contains(s, f)", "max_by(list, &@)", "sort_by(objects, &list)"],
)  # fmt: skip
def test_what_a_function_cannot_take_costs_the_record(text: str) -> None:
    """Whatever goes wrong inside of it, the reject names the expression."""
    with pytest.raises(BadItem) as caught:
        compiled(text).find(BODY, Functions(BODY, 1_000))
    assert (caught.value.reason, caught.value.path) == (ItemReason.BAD_FIELD, text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a ||", "is no JMESPath expression: it ends too early"),
        ("a b", "is no JMESPath expression: it cannot be read from 'b' on"),
        ("a.'", "is no JMESPath expression: it cannot be read from \"'\" on"),
        ("", "is empty"),
        (True, "must be an expression; put it between quotes"),
        (7, "must be an expression; put it between quotes"),
        ("odd(a)", "knows no function odd()"),
        ("a | [odd(a)]", "knows no function odd()"),
        ("lower()", "gives lower() 0 arguments where it takes 1"),
        ("body(a)", "gives body() 1 argument where it takes 0"),
        ("not_null()", "gives not_null() 0 arguments where it takes 1 or more"),
        ("abs('x')", "gives abs() a literal where it takes number"),
        ("a[?starts_with(b, `1`)]", "gives starts_with() a literal where it takes string"),
        ("sum(`[1, \"a\"]`)", "gives sum() a literal where it takes array of number"),
        ("&a", "has a reference (&) that is no argument of a function"),
        ("[&a]", "has a reference (&) that is no argument of a function"),
        ("text(&a)", "gives text() a reference (&) where it takes none, or none where it takes one"),
        ("map(a, b)", "gives map() a reference (&) where it takes none, or none where it takes one"),
        ("a[::0]", "has a slice with a step of 0"),
        ('`"\\ud83d"`', "has a literal that cannot be written as JSON"),
        ("`NaN`", "has a literal that cannot be written as JSON"),
        ("!" * 200 + "a", "is nested too deeply"),
        ("!" * 990 + "a", "is nested too deeply"),
        ("a" * 1_001, "is longer than 1000 characters"),
    ],
)  # fmt: skip
def test_a_wrong_expression_is_told_when_it_is_compiled(text: object, complaint: str) -> None:
    """In a plain sentence, and not when the first body comes."""
    with pytest.raises(ExpressionError) as caught:
        compiled(text)
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    "text", ["max(`[1, 2]`)", 'max(`["a"]`)', "not_null(a, 'b', `3`)", "join(',', `[]`)", "a[::-1]"]
)
def test_what_can_be_right_is_not_refused(text: str) -> None:
    """Only mistakes are."""
    assert compiled(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "@" + "|[@,@]" * 90,
        "text(@" + "|[@,@]" * 60 + ")",
        "(@" + "|[@,@]" * 40 + ") == (@" + "|[@,@]" * 40 + ")",
        "contains([@" + "|[@,@]" * 40 + "], @" + "|[@,@]" * 40 + ")",
        "@" + "|[@,@][]" * 60,
        "list" + "|map(&[@,@],@)[]" * 30,
        "join(text(@), list[].text(@)" + "|[@,@][]" * 22 + ")",
        "list[*].sort(body().list)",
        "list[*].contains(body().list, `2`)",
        "list[*].reverse(body().list)",
        "list[*].lower(body().long)",
        "list[?body().long == body().copy]",
    ],
)  # fmt: skip
def test_nothing_is_multiplied_without_bound(text: str) -> None:
    """What doubles itself, or goes through the body for each of its parts, is stopped within seconds, not years."""
    body: Value = {"list": [1] * 9_000, "long": "x" * 9_000, "copy": "x" * 8_999 + "x"}
    scope = Functions(body, 30_000)
    with pytest.raises(BadItem) as caught:
        scope.text(compiled(text).find(body, scope))
    assert caught.value.reason is ItemReason.TOO_LARGE


def test_what_a_body_may_cause_grows_with_its_size() -> None:
    """A larger one may do more, and none as much as it likes."""
    for size, units in ((0, 100_000), (10_000, 180_000), (10**9, MAX_UNITS)):
        Functions(None, size).spend(units)
        with pytest.raises(BadItem):
            Functions(None, size).spend(units + 1)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a"], {"x_b": "2", "x_c": '{"d":3,"e":{"f":4}}'}),
        (["c.b"], {"x_a": "1", "x_b": "2", "x_c.d": "3", "x_c.e": '{"f":4}'}),
        (["c.d", "lower(b)"], {"x_a": "1", "x_c.e": '{"f":4}'}),
        (["c.e.f", "c.e"], {"x_a": "1", "x_b": "2", "x_c.d": "3"}),
        (["c | e.f"], {"x_a": "1", "x_b": "2", "x_c.d": "3"}),
        (["c.e.*", "[a, b]"], {"x_c.d": "3"}),
        (["a.b || c[?d]"], {"x_b": "2", "x_a": "1"}),
        (["body().a", "map(&a, b)"], {"x_a": "1", "x_c": '{"d":3,"e":{"f":4}}'}),
        (["text(@)"], {}),
    ],
)
def test_the_rest_is_what_no_expression_reads(texts: list[str], expected: dict[str, str]) -> None:
    """Down to the last field: who reads one part of an object does not lose the others."""
    value: Value = {"a": 1, "b": 2, "c": {"d": 3, "e": {"f": 4}}, "n": None}
    read = branches(path for text in texts for path in compiled(text).reads)
    assert Record(value, Functions(value, 1_000)).rest("x_", read) == expected
