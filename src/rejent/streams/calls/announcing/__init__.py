"""Answering calls with an announcement before they go on."""
