"""The API of the intake room: shares as a student gives them, cases, briefs, handovers and offers."""
