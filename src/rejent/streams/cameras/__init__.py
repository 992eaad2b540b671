"""Cameras: RTSP, RTP, fragmented MP4, ONVIF."""
