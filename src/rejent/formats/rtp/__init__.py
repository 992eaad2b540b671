"""RTP as recordings keep it: packets, reports, statistics of a leg."""
