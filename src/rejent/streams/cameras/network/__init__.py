"""Protocols by which cameras are found and read: ONVIF, RTSP with RTP, and whatever else libav reads."""
