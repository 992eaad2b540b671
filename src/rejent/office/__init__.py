"""The office: its regulation, buildings and places, people, gates that open a stream."""
