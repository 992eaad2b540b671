"""The command rejent."""
