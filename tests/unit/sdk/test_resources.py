"""Which resources a label set names."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.sdk.delivery import Scope
from sre_ingest.sdk.resources import affected, place

NAMES = st.sampled_from(["pod", "pod_name", "service", "node", "host", "instance", "namespace", "cluster", "env", "x"])


def found(labels: dict[str, str], scope: Scope | None = None) -> list[tuple[str, str, str]]:
    """Type, id and namespace of each resource."""
    return [(one.type, one.id, one.namespace) for one in affected(labels, scope or Scope())]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, []),
        ({"alertname": "A", "job": "node"}, []),
        ({"pod": "cart-0", "namespace": "shop"}, [("pod", "cart-0", "shop")]),
        ({"pod_name": "cart-0"}, [("pod", "cart-0", "")]),
        ({"pod_name": "old", "pod": "new"}, [("pod", "new", "")]),
        ({"pod": "", "pod_name": "cart-0"}, [("pod", "cart-0", "")]),
        ({"pod": ""}, []),
        ({"namespace": "shop"}, [("namespace", "shop", "")]),
        ({"exported_namespace": "shop"}, [("namespace", "shop", "")]),
        ({"namespace": "shop", "pod": ""}, [("namespace", "shop", "")]),
        ({"namespace": "shop", "instance": "h:1"}, [("host", "h:1", ""), ("namespace", "shop", "")]),
        (
            {"node": "n1", "namespace": "shop", "deployment": "cart"},
            [("deployment", "cart", "shop"), ("node", "n1", "")],
        ),
        ({"job_name": "backup", "job": "kube-state-metrics"}, [("job", "backup", "")]),
        ({"instance": "10.0.0.1:9100", "hostname": "db-1"}, [("host", "db-1", "")]),
    ],
)
def test_well_known_labels_name_resources(labels: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    """The narrowest first, one of each kind, the best label of a kind first, and nothing guessed."""
    assert found(labels) == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, ("berlin-1", "production")),
        ({"cluster": "", "environment": ""}, ("berlin-1", "production")),
        ({"cluster": "oslo-2"}, ("oslo-2", "production")),
        ({"cluster_name": "oslo-2", "env": "staging"}, ("oslo-2", "staging")),
        ({"env": "dev", "environment": "staging"}, ("berlin-1", "staging")),
    ],
)
def test_the_scope_fills_what_labels_leave_out(labels: dict[str, str], expected: tuple[str, str]) -> None:
    """Labels win over the endpoint's configuration, for every resource."""
    scope = Scope(cluster="berlin-1", environment="production")
    (resource,) = affected({"pod": "cart-0", **labels}, scope)

    assert place(labels, scope) == expected
    assert (resource.cluster, resource.environment) == expected


@given(st.dictionaries(NAMES, st.sampled_from(["", "a", "b"])), st.randoms())
def test_the_order_of_labels_does_not_matter(labels: dict[str, str], random: Random) -> None:
    """A label set has no order, so its resources have the same one always; none lacks an id."""
    names = list(labels)
    random.shuffle(names)

    assert found({name: labels[name] for name in names}) == found(labels)
    assert all(name for _, name, _ in found(labels))
