"""The writes of the intake room, one module per subject."""
