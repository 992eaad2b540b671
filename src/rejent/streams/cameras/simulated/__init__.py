"""Simulated cameras for the demo: a moving scene with the clock burnt in, served over RTSP on loopback."""
