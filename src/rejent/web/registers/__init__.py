"""The registers as pages and files: the ledger, protocols, authorisations, promises."""
