# Included by the Makefile: the real Kafka, Alertmanager and Prometheus that the tests start.
.PHONY: parts
parts: ## Install what the tests stand on: Kafka's jars, Java, Alertmanager, Prometheus
	@sh tests/parts/install.sh
