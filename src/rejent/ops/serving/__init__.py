"""The web process: pages, HTTP interface and live pictures under uvicorn."""
