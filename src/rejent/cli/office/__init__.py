"""Commands about the office: its regulation, people, what they may, and whom they called in."""
