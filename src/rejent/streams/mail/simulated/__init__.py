"""The simulated exchange of letters of a demo office: made-up people and domains, real SMTP."""
