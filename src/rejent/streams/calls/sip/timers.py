"""How long to wait in SIP (RFC 3261 §17, table 4), in seconds."""

T1 = 0.5
"""The round trip assumed."""
T2 = 4.0
"""Longest pause between repetitions."""
T4 = 5.0
"""Longest a message stays in the network."""
LIFETIME = 64 * T1
"""How long a transaction waits for what ends it (timers B, F, H, J, L)."""
