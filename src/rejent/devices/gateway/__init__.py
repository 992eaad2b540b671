"""The way in of devices: how their batches join, how much they may send, and what is answered over HTTP."""
