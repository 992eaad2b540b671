"""Formats of recordings: fragmented MP4, Matroska of calls, WAV, and what RTP says of them; pure."""
