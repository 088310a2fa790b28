"""The gateway: alerts come in by webhook, sealed intents go out on a topic."""
