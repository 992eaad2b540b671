"""Breaches of personal data (GDPR art. 33-34) and incidents (act on the national cybersecurity system, art. 11)."""
