"""What every request passes through: station, language, choices, content policy."""
