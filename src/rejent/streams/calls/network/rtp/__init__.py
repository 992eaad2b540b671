"""Receive RTP and RTCP: count packets, separate legs, decode nothing."""
