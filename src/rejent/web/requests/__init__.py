"""The pages' middleware and its parts: station, language, choices, content policy."""
