"""Devices that the office lets in: stations, agents of workstations, network sensors, recorder nodes; their certificates and their batches."""
