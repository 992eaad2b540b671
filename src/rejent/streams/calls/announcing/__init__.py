"""Answer calls with an announcement before they continue."""
