#!/bin/sh
# Puts the real parts in place that the tests stand on: Prometheus, Alertmanager, strace, Kafka's jars and Java for them,
# AsyncAPI's schemas.
# Does nothing, fast, when all are there. Exit 1: one sentence on standard error says what to install by hand.
set -eu
cd "$(dirname "$0")/../.."
exec </dev/null
. proto/sdks/npm.sh

pom=tests/parts/kafka/pom.xml
kafka=build/kafka # libs/ holds the jars, pom.stamp the pom that they came from
schemas=tests/parts/asyncapi
asyncapi=build/asyncapi
log=build/parts.log

have() { command -v "$1" >/dev/null 2>&1; }

java_runs_kafka() { # Kafka 4 wants Java 17; "1.8.0" and "17.0.15" both begin with the number that tells
    have java && [ "$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)" -ge 17 ] 2>/dev/null
}

jars_are_current() { cmp -s "$pom" "$kafka/pom.stamp" && ls "$kafka"/libs/kafka_*.jar >/dev/null 2>&1; }

schemas_are_current() { npm_is_current "$schemas" "$asyncapi"; }

missing_packages() {
    { have prometheus && have promtool; } || echo prometheus
    { { have alertmanager || have prometheus-alertmanager; } && have amtool; } || echo prometheus-alertmanager
    have strace || echo strace
    java_runs_kafka || echo default-jre-headless
    jars_are_current || have mvn || echo maven
    schemas_are_current || have npm || echo npm
}

may_install() { [ "$(id -u)" = 0 ] && have apt-get; }

# The packages would start their services; the tests start their own on free ports, so nothing may run beside them.
# RUNLEVEL=1 says so to invoke-rc.d, the mask to systemd, and only the units that are about to arrive are masked.
keep_services_down() {
    export RUNLEVEL=1
    [ -d /run/systemd/system ] || return 0
    for package in "$@"; do
        case $package in prometheus*) systemctl mask --quiet "$package.service" || true ;; esac
    done
}

install_packages() {
    echo "parts: installing $*"
    keep_services_down "$@"
    export DEBIAN_FRONTEND=noninteractive
    options="-q -y -o DPkg::Lock::Timeout=300"
    # A failed update is no reason to stop: the lists that are there may be enough, and install tells.
    { apt-get $options update || true; apt-get $options install --no-install-recommends "$@"; } >"$log" 2>&1 ||
        cat "$log" >&2
}

fetch_jars() {
    echo "parts: fetching Kafka's jars with mvn"
    fresh=$PWD/$kafka/libs.$$
    rm -rf "$kafka/pom.stamp" "$fresh"
    mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$fresh" >"$log" 2>&1 || {
        rm -rf "$fresh"
        cat "$log" >&2
        echo "parts: mvn could not fetch Kafka's jars (see above); check the network or ~/.m2/settings.xml, then run" \
            "'make parts' again." >&2
        exit 1
    }
    rm -rf "$kafka/libs"
    mv "$fresh" "$kafka/libs"
    cp "$pom" "$kafka/pom.stamp" # last: what was interrupted is fetched again
}

fetch_schemas() {
    echo "parts: fetching AsyncAPI's schemas with npm"
    npm_install "$schemas" "$asyncapi" >"$log" 2>&1 || {
        cat "$log" >&2
        echo "parts: npm could not fetch AsyncAPI's schemas (see above); check the network, then run 'make parts'" \
            "again." >&2
        exit 1
    }
}

mkdir -p "$kafka"
missing=$(missing_packages | tr '\n' ' ')
if [ -n "$missing" ] && may_install; then
    install_packages $missing
    missing=$(missing_packages | tr '\n' ' ')
fi
if [ -n "$missing" ]; then
    echo "parts: the tests need these Debian packages or their like (Java 17 or newer): ${missing% };" \
        "install them, for example with 'sudo apt-get install $(echo $missing)', then run 'make parts' again." >&2
    exit 1
fi
jars_are_current || fetch_jars
schemas_are_current || fetch_schemas
