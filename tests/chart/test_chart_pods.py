"""What runs in the cluster: confined as tightly as Kubernetes can say, and told its settings by these names."""

from collections.abc import Callable
from typing import Any

import pytest

from sre_ingest.settings import load

Render = Callable[..., dict[str, str]]
Documents = Callable[..., dict[str, dict[str, Any]]]
ValueSet = Callable[[str], dict[str, Any]]

# What the restricted Pod Security Standard allows as volumes.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def pod(rendered: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The pod's specification."""
    spec: dict[str, Any] = rendered["statefulset.yaml"]["spec"]["template"]["spec"]
    return spec


def settings(rendered: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The environment that the chart itself gives to the gateway."""
    data: dict[str, str] = rendered["configmap.yaml"]["data"]
    return data


def test_pod_meets_the_restricted_standard(documents: Documents, values: dict[str, Any]) -> None:
    """Every control of the restricted Pod Security Standard holds for the pod and each of its containers."""
    spec = pod(documents(values))
    assert [key for key in ("hostNetwork", "hostPID", "hostIPC", "initContainers") if spec.get(key)] == []
    assert {kind for volume in spec["volumes"] for kind in volume if kind != "name"} <= VOLUMES
    context = spec["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {"sysctls", "seLinuxOptions", "windowsOptions", "appArmorProfile"} & set(context) == set()
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert [port for port in container["ports"] if "hostPort" in port] == []


def test_pod_is_confined_beyond_the_standard(documents: Documents, values: dict[str, Any]) -> None:
    """High user and group, no credential of the cluster, an account of its own, and a request for what it uses."""
    rendered = documents(values)
    spec = pod(rendered)
    account = rendered["serviceaccount.yaml"]
    assert min(spec["securityContext"][key] for key in ("runAsUser", "runAsGroup", "fsGroup")) >= 10_000
    assert spec["automountServiceAccountToken"] is account["automountServiceAccountToken"] is False
    assert spec["serviceAccountName"] == account["metadata"]["name"]
    assert {"cpu", "memory"} <= set(spec["containers"][0]["resources"]["requests"])


def test_kubernetes_adds_no_settings(documents: Documents, values: dict[str, Any]) -> None:
    """No service links: a Service named sre-ingest would set SRE_INGEST_PORT=tcp://..., which looks like a setting."""
    assert pod(documents(values))["enableServiceLinks"] is False


def test_pod_writes_to_its_volume_and_tmp_alone(documents: Documents, value_set: ValueSet) -> None:
    """The data folder is the pod's own claim, /tmp goes with the pod, everything else is read-only."""
    rendered = documents(value_set("everything"))
    spec = pod(rendered)
    mounts = {mount["mountPath"]: mount for mount in spec["containers"][0]["volumeMounts"]}
    claims = rendered["statefulset.yaml"]["spec"]["volumeClaimTemplates"]
    writable = {path for path, mount in mounts.items() if not mount.get("readOnly")}
    assert writable == {"/tmp", "/var/lib/sre-ingest"}  # noqa: S108
    assert settings(rendered)["SRE_INGEST_DATA_DIR"] == "/var/lib/sre-ingest"
    assert [claim["metadata"]["name"] for claim in claims] == [mounts["/var/lib/sre-ingest"]["name"]]
    assert {"name": mounts["/tmp"]["name"], "emptyDir": {}} in spec["volumes"]  # noqa: S108


def test_the_gateway_takes_its_settings(
    documents: Documents, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every variable that the chart sets is a setting, and the gateway starts with all of them together."""
    for name, value in settings(documents(values)).items():
        monkeypatch.setenv(name, value)
    assert load().tenant == values.get("tenant", "default")


def test_settings_are_strings_with_content(documents: Documents, values: dict[str, Any]) -> None:
    """No setting is empty, which would count as a value, and none is anything but a string."""
    assert [name for name, value in settings(documents(values)).items() if not (isinstance(value, str) and value)] == []


def test_each_file_is_mounted(documents: Documents, values: dict[str, Any]) -> None:
    """Every setting that names a file names a key of a Secret mounted there as a folder, so that it is renewed.

    Kubernetes does not renew what is mounted by subPath.
    """
    rendered = documents(values)
    spec = pod(rendered)
    secrets = {volume["name"]: volume["secret"]["items"] for volume in spec["volumes"] if "secret" in volume}
    mounts = [mount for mount in spec["containers"][0]["volumeMounts"] if mount["name"] in secrets]
    files = {f"{mount['mountPath']}/{item['path']}" for mount in mounts for item in secrets[mount["name"]]}
    named = {value for name, value in settings(rendered).items() if name.endswith("FILE")}
    assert [mount for mount in mounts if "subPath" in mount] == []
    assert named == files


def test_mappings_are_mounted_as_a_folder(documents: Documents, value_set: ValueSet) -> None:
    """So that Kubernetes renews them, at the place that the setting names; without a ConfigMap there is neither."""
    rendered = documents(value_set("everything"))
    spec = pod(rendered)
    mounts = {mount["name"]: mount for mount in spec["containers"][0]["volumeMounts"]}
    assert {"name": "mappings", "configMap": {"name": "our-tools"}} in spec["volumes"]
    assert mounts["mappings"]["mountPath"] == settings(rendered)["SRE_INGEST_MAPPINGS_DIR"]
    assert "subPath" not in mounts["mappings"]

    without = documents(value_set("minimal"))
    assert "SRE_INGEST_MAPPINGS_DIR" not in settings(without)
    assert [volume["name"] for volume in pod(without)["volumes"] if "configMap" in volume] == []


def test_no_secret_is_rendered(documents: Documents, values: dict[str, Any]) -> None:
    """The chart makes no Secret and holds none: it names those that exist."""
    assert [document for document in documents(values).values() if document["kind"] == "Secret"] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [("topic", "another"), ("bootstrapServers", "other.kafka.svc:9092"), ("sasl", {"username": "me"})],
)
def test_changed_setting_restarts_the_pods(documents: Documents, value_set: ValueSet, path: str, value: object) -> None:
    """The checksum among the pods' annotations follows the settings, and only them."""

    def checksum(values: dict[str, Any]) -> str:
        metadata = documents(values)["statefulset.yaml"]["spec"]["template"]["metadata"]
        return str(metadata["annotations"]["checksum/config"])

    values = value_set("sasl")
    inner = {**values["kafka"][path], **value} if isinstance(value, dict) else value
    assert checksum({**values, "replicas": 5}) == checksum(values)
    assert checksum({**values, "kafka": {**values["kafka"], path: inner}}) != checksum(values)


def test_extra_variables_win(documents: Documents, value_set: ValueSet) -> None:
    """Ours come first and from a ConfigMap: Kubernetes lets later sources and `env` win."""
    container = pod(documents(value_set("everything")))["containers"][0]
    assert list(container["envFrom"][0]) == ["configMapRef"]
    assert len(container["envFrom"]) == 2
    assert [variable["name"] for variable in container["env"]] == ["TZ", "NODE_NAME"]


def test_probes_ask_what_they_should(documents: Documents, value_set: ValueSet) -> None:
    """Only readiness depends on Kafka: an outage of Kafka must not restart the pods."""
    container = pod(documents(value_set("minimal")))["containers"][0]
    asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {
        "startupProbe": {"path": "/healthz", "port": "http"},
        "livenessProbe": {"path": "/healthz", "port": "http"},
        "readinessProbe": {"path": "/readyz", "port": "http"},
    }


def test_shutdown_has_time_to_finish(documents: Documents, value_set: ValueSet) -> None:
    """The gateway finishes what is in flight within 20 s and flushes; Kubernetes waits for 45."""
    assert pod(documents(value_set("minimal")))["terminationGracePeriodSeconds"] == 45


def test_volumes_outlive_pods_and_release(documents: Documents, value_set: ValueSet) -> None:
    """Records may wait in a volume, so nothing but a person deletes it; pods start side by side."""
    spec = documents(value_set("minimal"))["statefulset.yaml"]["spec"]
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert spec["podManagementPolicy"] == "Parallel"
