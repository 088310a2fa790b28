"""Which resources a label set speaks of."""

from collections.abc import Mapping

from ameide_core_proto.sre.core.v1.sre_pb2 import ResourceRef
from sre_ingest.sdk.delivery import Scope

# Label names of kube-state-metrics, cAdvisor and the Prometheus operator, by the kind of thing they name; the narrowest
# first, and of one kind the best first.
_KINDS = (
    ("pod", ("pod", "pod_name")),
    ("deployment", ("deployment",)),
    ("statefulset", ("statefulset",)),
    ("daemonset", ("daemonset",)),
    ("job", ("job_name",)),
    ("cronjob", ("cronjob",)),
    ("persistentvolumeclaim", ("persistentvolumeclaim",)),
    ("service", ("service", "service_name")),
    ("node", ("node", "nodename")),
    ("host", ("host", "hostname", "instance")),
)
_RANKED = {label: (rank, place, kind) for rank, (kind, names) in enumerate(_KINDS) for place, label in enumerate(names)}
_NAMESPACED = frozenset(kind for kind, _ in _KINDS) - {"node", "host"}
_NAMESPACE = ("namespace", "exported_namespace", "kubernetes_namespace")
_CLUSTER = ("cluster", "cluster_name")
_ENVIRONMENT = ("environment", "env")


def affected(labels: Mapping[str, str], scope: Scope) -> list[ResourceRef]:
    """The resources named by well-known labels, the narrowest first; the namespace if it names nothing narrower in it.

    Cluster and environment come from the labels and, where those are silent, from the endpoint's scope. Never guesses:
    no label, no resource.
    """
    cluster, environment = place(labels, scope)
    namespace = _first(labels, _NAMESPACE)
    named = _named(labels)
    if namespace and _NAMESPACED.isdisjoint(named):
        named["namespace"] = namespace
    return [
        ResourceRef(
            type=kind,
            id=name,
            namespace=namespace if kind in _NAMESPACED else "",
            cluster=cluster,
            environment=environment,
        )
        for kind, name in named.items()
    ]


def place(labels: Mapping[str, str], scope: Scope) -> tuple[str, str]:
    """Cluster and environment: from the labels and, where those are silent, from the endpoint's scope."""
    return _first(labels, _CLUSTER) or scope.cluster, _first(labels, _ENVIRONMENT) or scope.environment


def _named(labels: Mapping[str, str]) -> dict[str, str]:
    # Kind to name in the order of _KINDS; dict keeps it.
    found = sorted([(*_RANKED[label], labels[label]) for label in labels if label in _RANKED])
    named: dict[str, str] = {}
    for _, _, kind, name in found:
        if name and kind not in named:
            named[kind] = name
    return named


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        if value := labels.get(name):
            return value
    return ""
