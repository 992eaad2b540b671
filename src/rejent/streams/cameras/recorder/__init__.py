"""From access units to sealed segments, camera by camera."""
