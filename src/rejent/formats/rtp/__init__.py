"""RTP as recordings keep it: packets, reports, the account of a leg."""
