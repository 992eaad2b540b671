"""Exercising the recorder of calls: clients, simulated telephony, the drill."""
