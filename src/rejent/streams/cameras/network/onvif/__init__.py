"""ONVIF client: discovering cameras, reading their profiles, and comparing their clock with ours.

Six requests of the ONVIF Core and Media specifications are all the recorder needs, so they are built by hand: bounded
in time and size, over certificates checked like those of RTSPS, with our own clock (see docs/design on ONVIF).
"""
