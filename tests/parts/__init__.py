"""The real parts that the tests stand on: Kafka, Alertmanager, Prometheus, each started on free loopback ports.

`make parts` installs them; a part that is not there fails the test with that remedy. Every part is a context
manager, keeps its files under the folder it was given, and is stopped by its own pid.
"""
