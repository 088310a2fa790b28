# Included by the Makefile: the real Kafka, Alertmanager and Prometheus that the tests start, and the generators of SDKs.
.PHONY: parts
parts: proto-sdk-tools ## Install what the tests stand on: Kafka's jars, Java, Alertmanager, Prometheus, SDK generators
	@sh tests/parts/install.sh
