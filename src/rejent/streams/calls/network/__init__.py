"""Protocols of telephony: SIP, RTP."""
