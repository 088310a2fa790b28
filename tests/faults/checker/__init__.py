"""Whether the gateway keeps its promise: a load of unique alerts, a log of every answer, the topic, and the verdict.

In the manner of Jepsen: an operation is `ok` (2xx), `fail` (4xx) or `info` (5xx, time-out, reset: it may have happened
or not). Lost is what was `ok` and is never read from the topic; never sent is what is read and nobody sent.
"""
