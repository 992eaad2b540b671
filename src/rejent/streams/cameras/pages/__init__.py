"""The pages of cameras: finding, playing, the live wall."""
