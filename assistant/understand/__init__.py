"""From people's words to an explicit Question: entities, metrics, periods, intents. No language model is needed."""
