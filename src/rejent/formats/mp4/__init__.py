"""Fragmented MP4 (ISO/IEC 14496-12): written as the camera sends, read by interval, cut, joined, recovered."""
