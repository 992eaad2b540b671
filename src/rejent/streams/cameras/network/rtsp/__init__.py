"""The RTSP client: messages, login, session, connection."""
